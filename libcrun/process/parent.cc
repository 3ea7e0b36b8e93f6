#include "libcrun/process/parent.h"

#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>

#include "crun/error.h"
#include "libcrun/process/child.h"
#include "libcrun/process/child_error.h"
#include "libcrun/process/oom_score.h"
#include "libcrun/process/scheduling.h"
#include "libcrun/spec/names.h"
#include "libcrun/syscall/syscall.h"

namespace crun::process {
namespace {

// No handler of the calling program may run in the child before its dispositions are reset.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

// CLONE_INTO_CGROUP came with Linux 5.7; a threaded cgroup is refused with EOPNOTSUPP, one whose common parent with
// ours is not the caller's to change with EACCES.
bool cannot_clone_into(int error) {
  return error == EACCES || error == EINVAL || error == E2BIG || error == EOPNOTSUPP || error == ENOSYS;
}

[[noreturn]] void run_child(const LaunchRequest& request) noexcept {
  if (request.plan.namespaces.by_entry) run_entry(request.plan, request.main);
  request.main(request.plan);
  __builtin_unreachable();
}

[[noreturn]] void throw_not_cloned(int error, const ns::NamespacePlan& namespaces) {
  bool needs_user = error == EPERM && namespaces.create != 0 && !namespaces.uses_user_namespace();
  throw SysError(error, std::string("cloning the container's process") +
                            (needs_user ? " (without root's rights it needs a user namespace)" : ""));
}

// Nothing where this kernel cannot clone into that cgroup.
std::optional<Child> clone_child(const LaunchRequest& request, bool into_cgroup) {
  const ns::NamespacePlan& namespaces = request.plan.namespaces;
  syscall::CloneRequest clone{(namespaces.by_entry ? 0 : namespaces.create) | CLONE_CLEAR_SIGHAND, -1};
  if (into_cgroup) {
    clone.flags |= CLONE_INTO_CGROUP;
    clone.cgroup = request.cgroup;
  }
  ns::PidNamespaceForChildren joined(namespaces.joined_pid.get());
  InitialAffinity affinity(request.plan.initial_affinity);
  int pidfd = -1;
  pid_t pid = 0;
  {
    SignalsBlocked blocked;
    pid = syscall::clone3(clone, pidfd);
    if (pid == 0) run_child(request);
  }
  if (pid < 0 && into_cgroup && cannot_clone_into(-pid)) return std::nullopt;
  if (pid < 0) throw_not_cloned(-pid, namespaces);
  return Child(pid, Fd(pidfd));
}

[[noreturn]] void throw_failure(const LaunchRequest& request, const Message& failure, pid_t pid) {
  if (failure.step == Step::execute) throw explain(request.program, failure.error, failure.index, pid);
  throw_child_error(failure, request.plan, request.process);
}

// A go that is waiting would be taken for the answer to a rendezvous.
bool goes_at_once(const LaunchRequest& request) {
  return request.at_once && !request.plan.tell_namespaces && !request.plan.tell_mounted;
}

// How far one attempt came; nothing where the child was killed before it said a word.
std::optional<Launched> serve(const LaunchRequest& request, Child child, ParentSide sync) {
  Fd terminal;
  bool heard = false;
  if (goes_at_once(request) && !request.plan.terminal) sync.wait_for_last();
  while (std::optional<ParentSide::Received> received = sync.receive()) {
    heard = true;
    switch (received->message.type) {
      case MessageType::namespaces:
        if (request.on_namespaces) request.on_namespaces(child);
        sync.send_go();
        break;
      case MessageType::mounted:
        if (request.on_mounted) request.on_mounted(child);
        sync.send_go();
        break;
      case MessageType::terminal: terminal = std::move(received->fd); break;
      case MessageType::listener:
        if (request.on_listener) request.on_listener(child.pid(), std::move(received->fd));
        break;
      case MessageType::ready:
        return Launched{std::move(child), std::move(sync), std::move(terminal), goes_at_once(request)};
      case MessageType::failed: throw_failure(request, received->message, child.pid());
      case MessageType::cloned:
      case MessageType::go: throw Error(ErrorKind::internal, "the container's process told us to go on");
    }
  }
  ExitStatus status = child.wait();
  if (!heard && status.signaled && status.value == SIGKILL) return std::nullopt;
  std::string how = status.signaled ? "was killed by signal " : "ended with code ";
  throw Error(ErrorKind::system,
              "the container's process " + how + std::to_string(status.value) +
                  " while it was set up (out of memory, or the seccomp profile forbids what starting needs)");
}

// A limit that is raised needs a right outside the child's user namespace; where we lack it, the stage will say so.
void set_rlimits(const LaunchRequest& request, pid_t pid) {
  for (const spec::Rlimit& limit : request.process.rlimits) {
    rlimit values{limit.soft, limit.hard};
    if (prlimit(pid, static_cast<__rlimit_resource>(limit.resource), &values, nullptr) != 0 && errno != EPERM) {
      throw SysError(errno, "setting " + std::string(spec::rlimit_name(limit.resource)));
    }
  }
}

// What the parent alone can do to a child, before anything of the program's can run.
void prepare(const LaunchRequest& request, pid_t pid, bool in_cgroup) {
  if (!in_cgroup) request.enter_cgroup(pid);
  if (request.process.oom_score_adj) set_oom_score(pid, *request.process.oom_score_adj);
  if (request.plan.namespaces.uses_user_namespace()) set_rlimits(request, pid);
}

// The child that the process in between has cloned; nothing where that was killed before it said a word.
std::optional<Child> receive_child(const LaunchRequest& request, Child entry, const ParentSide& sync) {
  std::optional<ParentSide::Received> received = sync.receive();
  if (!received) return std::nullopt;
  if (received->message.type == MessageType::failed) throw_failure(request, received->message, entry.pid());
  if (received->message.type != MessageType::cloned || !received->fd) {
    throw Error(ErrorKind::internal, "the process between us and the container's told us something else");
  }
  entry.wait();
  return Child(received->message.index, std::move(received->fd));
}

std::optional<Launched> attempt(const LaunchRequest& request, bool into_cgroup) {
  SocketPair pair = SocketPair::make();
  Plan& plan = request.plan;
  plan.sync = std::move(pair.theirs);
  plan.parent_sync = pair.ours.get();
  bool in_cgroup = !request.enter_cgroup || into_cgroup;
  plan.wait_for_cgroup = !in_cgroup && !plan.namespaces.uses_user_namespace();
  ParentSide sync(std::move(pair.ours));
  std::optional<Child> child = clone_child(request, into_cgroup);
  plan.sync.reset();  // ours: else its end of file would never come
  if (!child) return std::nullopt;
  prepare(request, child->pid(), in_cgroup);
  if (plan.namespaces.by_entry) {
    sync.send_go();
    child = receive_child(request, std::move(*child), sync);
    if (!child) return std::nullopt;
    sync.send_go();
  }
  if (plan.namespaces.creates(CLONE_NEWUSER)) ns::write_id_maps(child->pid(), plan.namespaces.id_maps);
  if (plan.wait_for_cgroup || plan.namespaces.creates(CLONE_NEWUSER)) sync.send_go();
  if (request.before_go) request.before_go();
  if (goes_at_once(request)) sync.send_go();
  if (request.on_cloned) request.on_cloned(child->pid());
  return serve(request, std::move(*child), std::move(sync));
}

}  // namespace

Launched launch(const LaunchRequest& request) {
  if (request.cgroup >= 0) {
    if (std::optional<Launched> launched = attempt(request, true)) return std::move(*launched);
  }
  if (std::optional<Launched> launched = attempt(request, false)) return std::move(*launched);
  throw Error(ErrorKind::system, "the container's process was killed before it could be set up");
}

}  // namespace crun::process
