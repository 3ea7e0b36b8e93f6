#include "libcrun/syscall/syscall.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace crun::syscall {
namespace {

template <typename... Arguments>
int raw(long number, Arguments... arguments) noexcept {
  long result = ::syscall(number, arguments...);
  return result == -1 ? -errno : static_cast<int>(result);
}

}  // namespace

pid_t clone3(const CloneRequest& request, int& pidfd) noexcept {
  clone_args arguments{};
  arguments.flags = request.flags | CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<uint64_t>(&pidfd);
  // A sibling gets its maker's (clone(2), CLONE_PARENT).
  arguments.exit_signal = (request.flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD;
  if ((request.flags & CLONE_INTO_CGROUP) != 0) arguments.cgroup = static_cast<uint64_t>(request.cgroup);
  return raw(SYS_clone3, &arguments, sizeof arguments);
}

int drop_groups() noexcept { return raw(SYS_setgroups, 0, nullptr); }

int become(uid_t uid, gid_t gid) noexcept {
  int result = raw(SYS_setresgid, gid, gid, gid);
  return result < 0 ? result : raw(SYS_setresuid, uid, uid, uid);
}

int pivot_root(const char* new_root, const char* put_old) noexcept { return raw(SYS_pivot_root, new_root, put_old); }

int new_session_keyring() noexcept {
  int result = raw(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
  return result == -ENOSYS ? 0 : result;
}

int execute_fd(int fd, char* const* argv, char* const* envp) noexcept {
  return raw(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
}

int permitted_capabilities(uint64_t& permitted) noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  int result = raw(SYS_capget, &header, data);
  permitted = data[0].permitted | static_cast<uint64_t>(data[1].permitted) << 32;
  return result;
}

int close_range_cloexec(unsigned first) noexcept { return raw(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC); }

}  // namespace crun::syscall
