// A process that joins a running container (exec), from clone3 to the stage.
#include "libcrun/process/child.h"
#include "libcrun/syscall/syscall.h"

namespace crun::process {

void run_join(const Plan& plan) noexcept {
  Steps steps(plan);
  int slave = -1;
  int proc = -1;
  int joined = 0;

  steps.step(Step::guard, guard(plan));
  steps.step(Step::signals, reset_signals(false));
  steps.step(Step::session, new_session());
  steps.step(Step::keyring, syscall::new_session_keyring());
  if (plan.wait_for_cgroup) steps.step(Step::guard, child_side::wait_for_go(plan.sync.get()));
  if (!plan.namespaces.by_entry) steps.step(Step::join_namespace, ns::join(plan.namespaces, joined), joined);
  if (plan.private_proc) steps.step(Step::private_proc, open_private_proc(proc));
  if (plan.terminal) {
    steps.step(Step::terminal, open_terminal(-1, plan, slave));
    steps.step(Step::terminal, take_terminal(slave));
  }
  steps.step(Step::stage, enter_stage(plan, slave, proc, steps.socket()));
  __builtin_unreachable();
}

}  // namespace crun::process
