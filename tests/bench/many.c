// many CONTAINERS AT-ONCE BUNDLE RUNTIME [OPTION…]: creates that many containers and deletes each again by force, that
// many at a time, and prints how many microseconds all took. Ids: m0, m1, …
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static int call(char** words) {
  pid_t pid;
  int status = -1;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
  if (posix_spawn(&pid, words[0], &actions, NULL, words, environ) != 0) return 1;
  waitpid(pid, &status, 0);
  while (waitpid(-1, NULL, WNOHANG) > 0) {  // what has been deleted
  }
  return status;
}

static int one(char** runtime, char* bundle, int number) {
  char id[16];
  char* create[40] = {0};
  char* delete[40] = {0};
  int count = 0;
  for (; runtime[count] && count < 32; ++count) create[count] = delete[count] = runtime[count];
  snprintf(id, sizeof id, "m%d", number);
  create[count] = "create";
  create[count + 1] = "-b";
  create[count + 2] = bundle;
  create[count + 3] = id;
  delete[count] = "delete";
  delete[count + 1] = "--force";
  delete[count + 2] = id;
  return call(create) || call(delete);
}

int main(int argc, char** argv) {
  if (argc < 5) return 64;
  int containers = atoi(argv[1]), at_once = atoi(argv[2]), failed = 0, status = 0;
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (int worker = 0; worker < at_once; ++worker) {
    if (fork() != 0) continue;
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    for (int number = worker; number < containers; number += at_once) failed |= one(argv + 4, argv[3], number);
    _exit(failed != 0);
  }
  while (wait(&status) > 0) failed |= status;
  clock_gettime(CLOCK_MONOTONIC, &end);
  if (failed) return 1;
  printf("%ld\n", (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000);
  return 0;
}
