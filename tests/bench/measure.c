// measure ROUNDS < LINES: runs each line's command once a round, in turn, and prints each run's time from exec to exit.
// A line is "name<TAB>word word …"; a % in a word becomes a number that is new in every run. Output: "name
// microseconds". A command that fails is named on stderr, once, and not run again.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { kMostCommands = 32, kMostWords = 64, kWarmUp = 3 };

struct command {
  char* name;
  char* words[kMostWords];
  int failed;
};

static struct command commands[kMostCommands];
static int count;

static void read_commands(void) {
  static char line[65536];
  while (count < kMostCommands && fgets(line, sizeof line, stdin)) {
    char* text = strdup(line);
    text[strcspn(text, "\n")] = 0;
    char* rest = strchr(text, '\t');
    if (!rest) continue;
    *rest++ = 0;
    struct command* command = &commands[count++];
    command->name = text;
    int words = 0;
    for (char* word = strtok(rest, " "); word && words + 1 < kMostWords; word = strtok(NULL, " ")) {
      command->words[words++] = word;
    }
  }
}

static double run(const struct command* command, int serial, int* status) {
  static char numbered[kMostWords][1024];
  char* arguments[kMostWords] = {0};
  for (int i = 0; command->words[i]; ++i) {
    char* mark = strchr(command->words[i], '%');
    arguments[i] = command->words[i];
    if (!mark) continue;
    snprintf(numbered[i], sizeof numbered[i], "%.*s%d%s", (int)(mark - command->words[i]), command->words[i], serial,
             mark + 1);
    arguments[i] = numbered[i];
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  extern char** environ;
  struct timespec begin, end;
  pid_t pid = 0;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  int error = posix_spawn(&pid, arguments[0], &actions, NULL, arguments, environ);
  if (!error && waitpid(pid, status, 0) < 0) error = errno;
  clock_gettime(CLOCK_MONOTONIC, &end);
  posix_spawn_file_actions_destroy(&actions);
  if (error) *status = -1;
  return (double)(end.tv_sec - begin.tv_sec) * 1e6 + (double)(end.tv_nsec - begin.tv_nsec) / 1e3;
}

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  read_commands();
  int rounds = atoi(argv[1]) + kWarmUp;
  for (int round = 0, serial = 1; round < rounds; ++round) {
    for (int i = 0; i < count; ++i) {
      if (commands[i].failed) continue;
      int status = 0;
      double took = run(&commands[i], serial++, &status);
      if (status) {
        commands[i].failed = 1;
        fprintf(stderr, "%s: fails (wait status %d): %s …\n", commands[i].name, status, commands[i].words[0]);
      } else if (round >= kWarmUp) {
        printf("%s %.1f\n", commands[i].name, took);
      }
    }
  }
  return 0;
}
