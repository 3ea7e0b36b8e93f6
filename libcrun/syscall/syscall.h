// System calls that glibc 2.36 does not wrap, or wraps in a way that a child between clone3 and execve must not use.
// All are async-signal-safe and give -errno where they fail, so that they are for the child too.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstdint>

namespace crun::syscall {

// Any libc call that gives -1 and errno, as a result or -errno.
template <typename Int>
inline int result_of(Int value) noexcept {
  return value == static_cast<Int>(-1) ? -errno : static_cast<int>(value);
}

// What clone3(2) is asked for. Fork-like always: the child gets a copy of the caller's memory and goes on from here.
struct CloneRequest {
  uint64_t flags = 0;  // CLONE_NEW*, CLONE_INTO_CGROUP
  int cgroup = -1;     // folder's fd, with CLONE_INTO_CGROUP
};
// Gives the pid in the parent, 0 in the child. pidfd: gets the child's, close-on-exec. Exit signal: SIGCHLD. Linux 5.5;
// CLONE_INTO_CGROUP 5.7. pthread_atfork handlers are not run, glibc's locks are as they were in other threads.
pid_t clone3(const CloneRequest& request, int& pidfd) noexcept;

// setgroups(2), setresgid(2), setresuid(2) of this thread alone: glibc's wrappers signal every thread that the parent
// had.
int drop_groups() noexcept;
int become(uid_t uid, gid_t gid) noexcept;

int pivot_root(const char* new_root, const char* put_old) noexcept;

// keyctl(2) KEYCTL_JOIN_SESSION_KEYRING with a fresh keyring. Gives 0 where the kernel has no keyrings.
int new_session_keyring() noexcept;

// execveat(2) of the file itself.
int execute_fd(int fd, char* const* argv, char* const* envp) noexcept;

// capget(2): of this thread; bit n is capability n.
int permitted_capabilities(uint64_t& permitted) noexcept;

int close_range_cloexec(unsigned first) noexcept;  // sets close-on-exec on all from `first`; Linux 5.11

}  // namespace crun::syscall
