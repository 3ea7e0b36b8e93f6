// The process between parent and child, where a user namespace is joined (ns::NamespacePlan::by_entry): what it clones
// after that belongs there, and is in the pid namespace that it has joined for its children. Its child is the parent's
// own (CLONE_PARENT).
#include <sched.h>
#include <unistd.h>

#include "libcrun/process/child.h"
#include "libcrun/syscall/syscall.h"

namespace crun::process {
namespace {

// Its first message must not come before ours that tells of it.
[[noreturn]] void run_child(const Plan& plan, void (*main)(const Plan&) noexcept) noexcept {
  if (child_side::wait_for_go(plan.sync.get()) == 0) main(plan);
  _exit(1);
}

}  // namespace

void run_entry(const Plan& plan, void (*main)(const Plan&) noexcept) noexcept {
  Steps steps(plan);
  int joined = 0;
  int pidfd = -1;

  steps.step(Step::guard, wait_for_ids(plan));
  steps.step(Step::guard, guard(plan));
  steps.step(Step::join_namespace, ns::join(plan.namespaces, joined), joined);
  if (!plan.namespaces.creates(CLONE_NEWUSER)) steps.step(Step::user_namespace, ns::become_root());
  steps.step(Step::guard, guard(plan));  // a change of credentials disarms it (prctl(2))
  int pid = syscall::clone3({plan.namespaces.create | CLONE_PARENT, -1}, pidfd);
  if (pid == 0) run_child(plan, main);
  steps.step(Step::entry, pid);
  steps.step(Step::entry, child_side::send(plan.sync.get(), Message{MessageType::cloned, Step::none, 0, pid}, pidfd));
  _exit(0);
}

}  // namespace crun::process
