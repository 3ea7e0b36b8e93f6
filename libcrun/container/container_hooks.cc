#include "libcrun/container/container_hooks.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "base/child.h"
#include "crun/error.h"
#include "crun/runtime.h"
#include "libcrun/hooks/hooks.h"
#include "libcrun/ns/namespaces.h"
#include "libcrun/spec/parse.h"
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
  // Until its execve it is our program: a container that shares this one's pid namespace must not get at it.
  prctl(PR_SET_DUMPABLE, 0);
  if (ns::join(plan, index) != 0 || dup2(hook.state_fd, STDIN_FILENO) < 0) _exit(kNotStarted);
  if (plan.by_entry) {
    if (ns::become_root() != 0) _exit(kNotStarted);
    prctl(PR_SET_DUMPABLE, 0);  // a change of credentials sets it by fs.suid_dumpable (prctl(2))
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
bool wait_until_over(int pidfd, int64_t timeout_ms) {
  pollfd wanted{pidfd, POLLIN, 0};
  int result;
  do {
    result = poll(&wanted, 1, static_cast<int>(std::min<int64_t>(timeout_ms, INT_MAX)));
  } while (result < 0 && errno == EINTR);
  if (result < 0) throw SysError(errno, "waiting for a hook");
  return result != 0;
}

int run_one(const ns::NamespacePlan& plan, const hooks::Prepared::Entry& hook) {
  Child child = start(plan, hook);
  bool over = wait_until_over(child.pidfd(), hook.timeout_ms);
  if (!over) child.kill(SIGKILL);
  ExitStatus status = child.wait();
  if (!over) return hooks::kTimedOut;
  return status.signaled ? status.value : status.value << 8;
}

// What the container's process is, but for what it executes.
spec::Process process_of(const spec::Spec& spec, const spec::Hook& hook) {
  spec::Process process = *spec.process;
  process.args = hook.args.empty() ? std::vector<std::string>{hook.path} : hook.args;
  process.env = hook.env;
  process.terminal = false;
  process.oom_score_adj.reset();  // lowering it may not be allowed, and a hook is short
  process.exec_cpu_affinity.reset();
  return process;
}

// As waitpid(2) gives it, or kTimedOut.
int run_as_container(const std::string& state_root, const std::string& id, const spec::Spec& spec,
                     const spec::Hook& hook, const hooks::Prepared::Entry& entry) {
  spec::Process process = process_of(spec, hook);
  ExecRequest request;
  request.process = &process;
  request.executable = hook.path;
  request.seccomp = spec.linux.seccomp ? &*spec.linux.seccomp : nullptr;
  request.personality = spec.linux.personality ? &*spec.linux.personality : nullptr;
  request.memory_policy = spec.linux.memory_policy ? &*spec.linux.memory_policy : nullptr;
  request.io.stdio = {entry.state_fd, STDOUT_FILENO, STDERR_FILENO};
  PreparedProcess prepared = Runtime(state_root).exec(id, request);
  prepared.start();
  if (!wait_until_over(prepared.pidfd(), entry.timeout_ms)) return hooks::kTimedOut;  // its handle ends it
  ExitStatus status = Child(prepared.release().pid, Fd()).wait();
  return status.signaled ? status.value : status.value << 8;
}

}  // namespace

void run_start_container(const std::string& state_root, const Record& record) {
  spec::Spec spec = spec::parse(record.config);
  const std::vector<spec::Hook>& hooks = spec.hooks.start_container;
  hooks::Prepared prepared(hooks, state_document(record, ContainerStatus::created));
  for (size_t i = 0; i < hooks.size(); ++i) {
    int status = 0;
    try {
      status = run_as_container(state_root, record.id, spec, hooks[i], prepared.entries()[i]);
    } catch (const Error& error) {
      throw Error(ErrorKind::system,
                  "startContainer hook " + std::to_string(i) + " (" + hooks[i].path + "): " + error.text());
    }
    if (status != 0) throw Error(ErrorKind::system, hooks::failure_text("startContainer", i, hooks[i], status));
  }
}

void run_create_container(const std::vector<spec::Hook>& hooks, const std::string& state, int pidfd,
                          unsigned namespaces) {
  if (hooks.empty()) return;
  ns::NamespacePlan plan = ns::plan_join_process(pidfd, namespaces);
  hooks::Prepared prepared(hooks, state);
  for (size_t i = 0; i < hooks.size(); ++i) {
    int status = run_one(plan, prepared.entries()[i]);
    if (status != 0) throw Error(ErrorKind::system, hooks::failure_text("createContainer", i, hooks[i], status));
  }
}

}  // namespace crun::container
