#include "libcrun/container/container_hooks.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/child.h"
#include "crun/error.h"
#include "libcrun/hooks/hooks.h"
#include "libcrun/ns/namespaces.h"
#include "libcrun/syscall/syscall.h"

namespace crun::container {
namespace {

constexpr int kNotStarted = 127;

// Stands for its child, which alone is in the pid namespace that was joined: ends with it, and as it did.
[[noreturn]] void end_as(pid_t child) noexcept {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) _exit(kNotStarted);
  }
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  kill(getpid(), WTERMSIG(status));
  _exit(kNotStarted);
}

// In the child: nothing is allocated.
[[noreturn]] void become_hook(const ns::NamespacePlan& plan, const hooks::Prepared::Entry& hook) noexcept {
  int index = 0;
  if (ns::join(plan, index) != 0 || dup2(hook.state_fd, STDIN_FILENO) < 0) _exit(kNotStarted);
  if (plan.by_entry) {
    if (ns::become_root() != 0) _exit(kNotStarted);
    int pidfd = -1;
    pid_t child = syscall::clone3({CLONE_CLEAR_SIGHAND, -1}, pidfd);
    if (child < 0) _exit(kNotStarted);
    if (child > 0) end_as(child);
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a hook whose time is up is killed by its parent's death
  }
  syscall::close_range_cloexec(3);
  execve(hook.path, hook.argv, hook.envp);
  _exit(kNotStarted);
}

Child start(const ns::NamespacePlan& plan, const hooks::Prepared::Entry& hook) {
  ns::PidNamespaceForChildren joined(plan.joined_pid.get());
  int pidfd = -1;
  pid_t pid = syscall::clone3({CLONE_CLEAR_SIGHAND, -1}, pidfd);
  if (pid == 0) become_hook(plan, hook);
  if (pid < 0) throw SysError(-pid, std::string("starting hook ") + hook.path);
  return Child(pid, Fd(pidfd));
}

// False when its time is up.
bool wait_until_over(const Child& child, int64_t timeout_ms) {
  pollfd wanted{child.pidfd(), POLLIN, 0};
  int result;
  do {
    result = poll(&wanted, 1, static_cast<int>(timeout_ms));
  } while (result < 0 && errno == EINTR);
  return result != 0;
}

int run_one(const ns::NamespacePlan& plan, const hooks::Prepared::Entry& hook) {
  Child child = start(plan, hook);
  bool over = wait_until_over(child, hook.timeout_ms);
  if (!over) child.kill(SIGKILL);
  ExitStatus status = child.wait();
  if (!over) return hooks::kTimedOut;
  return status.signaled ? status.value : status.value << 8;
}

}  // namespace

void run_in_container(std::string_view kind, const std::vector<spec::Hook>& hooks, const std::string& state, int pidfd,
                      unsigned namespaces) {
  if (hooks.empty()) return;
  ns::NamespacePlan plan = ns::plan_join_process(pidfd, namespaces);
  hooks::Prepared prepared(hooks, state);
  for (size_t i = 0; i < hooks.size(); ++i) {
    int status = run_one(plan, prepared.entries()[i]);
    if (status != 0) throw Error(ErrorKind::system, hooks::failure_text(kind, i, hooks[i], status));
  }
}

}  // namespace crun::container
