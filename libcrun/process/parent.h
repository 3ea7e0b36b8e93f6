// The parent's side of a start: clones the child and answers it, until its stage is ready to execute the program.
#pragma once

#include <functional>
#include <optional>

#include "base/child.h"
#include "libcrun/process/plan.h"
#include "libcrun/process/program.h"
#include "libcrun/process/sync.h"

namespace crun::process {

struct Launched {
  Child child;
  ParentSide sync;
  Fd terminal;          // the pty's master, where the plan asks for one
  bool let_go = false;  // it has its go already
};

struct LaunchRequest {
  Plan& plan;
  void (*main)(const Plan&) noexcept = nullptr;  // run_init, run_join
  const spec::Process& process;                  // these two for errors' texts
  const Program& program;
  int cgroup = -1;  // folder's fd; -1: stays in ours
  // For a child that is not cloned into a cgroup: there is none before it (systemd's scopes are made around processes),
  // the kernel cannot, or it was killed in it before it could speak (a kernel whose cgroup.kill goes on killing). Gets
  // a fresh one where it can, and puts the child into it. Empty: it stays in ours.
  std::function<void(pid_t)> enter_cgroup;
  // It is told to execute its program before it asks, where no hook stands before that.
  bool at_once = false;
  // Each may be empty. A throw kills the child.
  std::function<void()> before_go;  // runs beside the child, before its program may run
  std::function<void(pid_t)>
      on_cloned;  // runs beside the child, and its program where it goes at once: what neither sees
  std::function<void(const Child&)> on_namespaces;
  std::function<void(const Child&)> on_mounted;
  std::function<void(pid_t, Fd)> on_listener;  // of the seccomp filter that is in force
};

// Throws what the child reports as a SysError that names the object, or as a ProgramError; nothing of the child is left
// then.
Launched launch(const LaunchRequest& request);

}  // namespace crun::process
