#include "libexec/sandbox/system_calls.h"

#include <sched.h>
#include <seccomp.h>

#include <cerrno>
#include <string>

#include "crun/error.h"

namespace crun::sandbox {
namespace {

constexpr int kAlways[] = {
    SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(pwrite64), SCMP_SYS(writev),
    SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(fcntl),
    // Their own descriptors alone: paths end at the new root.
    SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(fgetxattr),
    SCMP_SYS(flistxattr), SCMP_SYS(memfd_create), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg),
    // Memory, time, and what libc does by itself.
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
    SCMP_SYS(futex), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(tgkill),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(geteuid),
    SCMP_SYS(getegid), SCMP_SYS(umask), SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield), SCMP_SYS(exit),
    SCMP_SYS(exit_group)};

constexpr int kWriting[] = {SCMP_SYS(mkdirat),  SCMP_SYS(mknodat),   SCMP_SYS(symlinkat), SCMP_SYS(linkat),
                            SCMP_SYS(unlinkat), SCMP_SYS(ftruncate), SCMP_SYS(fchown),    SCMP_SYS(fchownat),
                            SCMP_SYS(fchmod),   SCMP_SYS(fchmodat),  SCMP_SYS(utimensat), SCMP_SYS(fsetxattr)};

constexpr int kThreads[] = {SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_getaffinity)};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_KILL_PROCESS)) {
    if (context_ == nullptr) throw Error(ErrorKind::system, "sandbox: out of memory");
  }
  ~Filter() { seccomp_release(context_); }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  void allow(int call) { check(seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call, 0, nullptr)); }
  // Threads alone. clone3 hides its flags behind a pointer: ENOSYS sends glibc to clone.
  void allow_threads() {
    constexpr scmp_datum_t kThread = CLONE_THREAD | CLONE_VM;
    scmp_arg_cmp threads{0, SCMP_CMP_MASKED_EQ, kThread, kThread};
    check(seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &threads));
    check(seccomp_rule_add_array(context_, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, nullptr));
  }
  void load() {
    check(seccomp_attr_set(context_, SCMP_FLTATR_CTL_OPTIMIZE, 2));
    check(seccomp_load(context_));
  }

 private:
  static void check(int result) {
    if (result != 0) throw Error(ErrorKind::unsupported, "sandbox: seccomp filter: " + errno_text(-result));
  }
  scmp_filter_ctx context_;
};

}  // namespace

void restrict_system_calls(bool writable, bool threads) {
  Filter filter;
  for (int call : kAlways) filter.allow(call);
  if (writable) {
    for (int call : kWriting) filter.allow(call);
  }
  if (threads) {
    for (int call : kThreads) filter.allow(call);
    filter.allow_threads();
  }
  filter.load();
}

}  // namespace crun::sandbox
