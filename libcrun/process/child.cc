#include "libcrun/process/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "libcrun/rootfs/target.h"
#include "libcrun/syscall/syscall.h"

namespace crun::process {

void Steps::rendezvous(MessageType type) noexcept {
  int error = child_side::send(socket_, Message{type, Step::none, 0, -1});
  if (error == 0) error = child_side::wait_for_go(socket_);
  if (error != 0) _exit(1);  // there is nobody left to tell
}

void Steps::fail(Step step, int error, int index) noexcept {
  child_side::send(socket_, Message{MessageType::failed, step, -error, index});
  _exit(1);
}

int guard(const Plan& plan) noexcept {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return -errno;
  if (plan.parent_sync >= 0) close(plan.parent_sync);
  return prctl(PR_SET_DUMPABLE, 0) == 0 ? 0 : -errno;
}

int wait_for_ids(const Plan& plan) noexcept {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return -errno;
  if (plan.parent_sync >= 0) close(plan.parent_sync);
  return child_side::wait_for_go(plan.sync.get());
}

// A container's program begins with no signal ignored, and none or all blocked, whatever our caller had.
int reset_signals(bool blocked) noexcept {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &standard, nullptr);
  sigset_t mask;
  sigemptyset(&mask);
  if (blocked) sigfillset(&mask);
  return sigprocmask(SIG_SETMASK, &mask, nullptr) == 0 ? 0 : -errno;
}

int new_session() noexcept {
  if (setsid() < 0) return -errno;
  umask(0);
  return 0;
}

int set_hostname(const std::string& name) noexcept {
  return name.empty() ? 0 : syscall::result_of(sethostname(name.data(), name.size()));
}

int set_domainname(const std::string& name) noexcept {
  return name.empty() ? 0 : syscall::result_of(setdomainname(name.data(), name.size()));
}

// Whatever is mounted on the container's /proc, or swapped there by a process that shares its mounts, is not asked
// (CVE-2025-52881).
int open_private_proc(int& proc) noexcept {
  int context = fsopen("proc", FSOPEN_CLOEXEC);
  if (context < 0) return -errno;
  Fd owner(context);
  if (fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return -errno;
  proc = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  return proc < 0 ? -errno : 0;
}

int write_sysctl(int proc, const Sysctl& sysctl) noexcept {
  int file = openat(proc, sysctl.file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return -errno;
  Fd owner(file);
  return write(file, sysctl.value.data(), sysctl.value.size()) < 0 ? -errno : 0;
}

// Where it cannot be made, the stage's chdir will say why.
int make_cwd(int root, const std::string& cwd) noexcept {
  if (cwd.empty() || cwd == "/") return 0;
  int folder = rootfs::open_or_make_target(root, rootfs::TargetRequest{cwd.c_str()});
  if (folder >= 0) close(folder);
  return 0;
}

}  // namespace crun::process
