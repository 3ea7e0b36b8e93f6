// without CALL,CALL COMMAND…: runs the command with system calls that this kernel pretends not to have (ENOSYS), so
// that the fallbacks for older kernels are tested on any.
#include <errno.h>
#include <seccomp.h>
#include <unistd.h>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  if (argc < 3) {
    fputs("usage: without CALL,CALL COMMAND...\n", stderr);
    return 64;
  }
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  std::string calls = argv[1];
  for (size_t begin = 0; begin <= calls.size();) {
    size_t end = std::min(calls.find(',', begin), calls.size());
    std::string name = calls.substr(begin, end - begin);
    int number = seccomp_syscall_resolve_name(name.c_str());
    if (number < 0 || seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0) != 0) {
      fprintf(stderr, "without: no system call '%s'\n", name.c_str());
      return 64;
    }
    begin = end + 1;
  }
  // Else no_new_privs would be set, and the payload show it.
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
  if (seccomp_load(filter) != 0) {
    fputs("without: cannot load the filter\n", stderr);
    return 125;
  }
  execvp(argv[2], argv + 2);
  perror(argv[2]);
  return 127;
}
