// What the kernel itself asks for one more process in a container: `floor_exec PID PROGRAM` joins the namespaces of the
// process PID, and executes a static program there. Its system calls, which tests/bench/run compares with a trace:
//   pidfd_open setns clone3 execve wait4 exit_group
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUST(call)      \
  do {                  \
    if ((call) == -1) { \
      perror(#call);    \
      _exit(125);       \
    }                   \
  } while (0)

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  long container = syscall(SYS_pidfd_open, atoi(argv[1]), 0);
  MUST(container);
  MUST(
      setns((int)container, CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP));
  struct clone_args args;
  memset(&args, 0, sizeof args);
  args.exit_signal = SIGCHLD;
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) {
    char* const arguments[] = {argv[2], NULL};
    char* const environment[] = {"PATH=/bin", NULL};
    MUST(execve(argv[2], arguments, environment));
  }
  MUST(pid);
  int status = 0;
  MUST(waitpid((pid_t)pid, &status, 0));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
