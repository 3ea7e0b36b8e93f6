// A container's first process, from clone3 to the stage: its whole order, a line each.
#include <sched.h>

#include "libcrun/process/child.h"
#include "libcrun/syscall/syscall.h"

namespace crun::process {

void run_init(const Plan& plan) noexcept {
  Steps steps(plan);
  int root = -1;
  int slave = -1;
  int proc = -1;
  int joined = 0;
  rootfs::MaskProgress masks;
  rootfs::OpenFolder dev;

  const bool new_ids = plan.namespaces.creates(CLONE_NEWUSER);
  if (new_ids) steps.step(Step::guard, wait_for_ids(plan));
  if (!plan.namespaces.time_offsets.empty()) {
    steps.step(Step::time_namespace, ns::enter_new_time_namespace(plan.namespaces));
  }
  if (new_ids) steps.step(Step::user_namespace, ns::become_root());
  steps.step(Step::guard, guard(plan));
  steps.step(Step::signals, reset_signals(plan.signals_blocked));
  steps.step(Step::session, new_session());
  if (plan.new_keyring) steps.step(Step::keyring, syscall::new_session_keyring());
  if (plan.wait_for_cgroup) steps.step(Step::guard, child_side::wait_for_go(plan.sync.get()));
  if (!plan.namespaces.by_entry) steps.step(Step::join_namespace, ns::join(plan.namespaces, joined), joined);
  if (plan.namespaces.create_cgroup) {
    steps.step(Step::cgroup_namespace, syscall::result_of(unshare(CLONE_NEWCGROUP)));
  }
  if (plan.namespaces.creates(CLONE_NEWNET)) steps.step(Step::loopback, ns::bring_up_loopback());
  if (plan.tell_namespaces) steps.rendezvous(MessageType::namespaces);  // prestart, createRuntime hooks

  steps.step(Step::hostname, set_hostname(plan.hostname));
  steps.step(Step::domainname, set_domainname(plan.domainname));
  if (plan.private_proc || !plan.sysctls.empty()) steps.step(Step::private_proc, open_private_proc(proc));
  steps.each(Step::sysctl, plan.sysctls, [&](const auto& sysctl) { return write_sysctl(proc, sysctl); });

  if (plan.root) {
    steps.step(Step::propagation, rootfs::stop_propagation());
    steps.step(Step::attach_root, rootfs::attach_root(*plan.root, root));
    steps.each(Step::mount, plan.root->mounts, [&](const auto& mount) { return rootfs::attach_mount(root, mount); });
    steps.each(Step::device, plan.root->devices,
               [&](const auto& node) { return rootfs::make_device(root, dev, node); });
    steps.each(Step::link, plan.root->links, [&](const auto& link) { return rootfs::make_link(root, dev, link); });
    steps.step(Step::working_directory, make_cwd(root, plan.root->cwd));
    if (plan.tell_mounted) steps.rendezvous(MessageType::mounted);  // createContainer hooks
  }
  if (plan.terminal) {
    steps.step(Step::terminal, open_terminal(root, plan, slave));
    if (plan.root) steps.step(Step::console, mount_console(root, slave));
    steps.step(Step::terminal, take_terminal(slave));
  }
  if (plan.root) {
    const rootfs::RootPlan& own = *plan.root;
    steps.each(Step::mask, own.masked,
               [&](const auto& path) { return mask(root, own.mask_source, masks, path.c_str()); });
    steps.each(Step::read_only, own.read_only_paths,
               [&](const auto& path) { return rootfs::make_read_only(root, path.c_str()); });
    steps.step(Step::root_options, rootfs::set_root_read_only(own, root));
    steps.step(Step::pivot, rootfs::change_root(own, root));
    steps.step(Step::root_options, rootfs::set_root_propagation(own, root));
    steps.step(Step::null_device, use_own_null(plan));
  }
  // Credentials, filter, the wait for `start`, execve: libexec/stage/stage.cc.
  steps.step(Step::stage, enter_stage(plan, slave, proc, steps.socket()));
  __builtin_unreachable();
}

}  // namespace crun::process
