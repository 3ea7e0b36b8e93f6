// measure ROUNDS < LINES: runs each line's command once a round, in turn, and prints each run's time from exec to exit.
// A line is "name<TAB>word word …"; a % in a word becomes a number that is new in every run, a @ one that is new in
// every round. Output: "name microseconds", and "name:memory KB", the most that the command or a process that it waited
// for has held (ru_maxrss of getrusage(2)). A command that fails is named on stderr, once, and not run again.
//
// Between two commands there is a pause, in which all that the first has left running ends, and the kernel takes its
// network namespace down: the next would wait for the same locks.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { kMostCommands = 64, kMostWords = 64, kWarmUp = 3, kPauseMs = 15 };

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

static void number_words(const struct command* command, int serial, int round, char** arguments) {
  static char numbered[kMostWords][1024];
  for (int i = 0; command->words[i]; ++i) {
    char* mark = strpbrk(command->words[i], "%@");
    arguments[i] = command->words[i];
    if (!mark) continue;
    snprintf(numbered[i], sizeof numbered[i], "%.*s%d%s", (int)(mark - command->words[i]), command->words[i],
             *mark == '%' ? serial : round, mark + 1);
    arguments[i] = numbered[i];
  }
}

static double run(char** arguments, int* status, struct rusage* usage) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  extern char** environ;
  struct timespec begin, end;
  pid_t pid = 0;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  int error = posix_spawn(&pid, arguments[0], &actions, NULL, arguments, environ);
  if (!error && wait4(pid, status, 0, usage) < 0) error = errno;
  clock_gettime(CLOCK_MONOTONIC, &end);
  posix_spawn_file_actions_destroy(&actions);
  if (error) *status = -1;
  return (double)(end.tv_sec - begin.tv_sec) * 1e6 + (double)(end.tv_nsec - begin.tv_nsec) / 1e3;
}

static void rest(void) {
  struct timespec pause = {0, kPauseMs * 1000000};
  nanosleep(&pause, NULL);
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  read_commands();
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  // a container that was created is nobody's child, and would be a zombie
  int rounds = atoi(argv[1]) + kWarmUp;
  for (int round = 0, serial = 1; round < rounds; ++round) {
    for (int i = 0; i < count; ++i) {
      if (commands[i].failed) continue;
      char* arguments[kMostWords] = {0};
      struct rusage usage = {0};
      int status = 0;
      number_words(&commands[i], serial++, round, arguments);
      double took = run(arguments, &status, &usage);
      rest();
      if (status) {
        commands[i].failed = 1;
        fprintf(stderr, "%s: fails (wait status %d): %s …\n", commands[i].name, status, commands[i].words[0]);
      } else if (round >= kWarmUp) {
        printf("%s %.1f\n%s:memory %ld\n", commands[i].name, took, commands[i].name, usage.ru_maxrss);
      }
    }
  }
  return 0;
}
