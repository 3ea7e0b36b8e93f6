// What a PreparedProcess holds.
#pragma once

#include "crun/runtime.h"
#include "libcrun/container/state.h"
#include "libcrun/process/parent.h"
#include "libcrun/process/program.h"
#include "libcrun/spec/spec.h"

namespace crun {

struct PreparedProcess::State {
  Child child;
  process::ParentSide sync;
  Fd terminal;
  process::Program program;
  bool let_go = false;  // it has its go already
  bool started = false;
  // Of a container's first process; of exec's, container is empty.
  std::string state_root;
  std::string container;
  container::Record record;
  std::vector<spec::Hook> start_container;
  std::vector<spec::Hook> poststart;

  // Kills and reaps the process; removes the container that it was the first of.
  void abandon() noexcept;
};

namespace container {

// Looks at the program while its process still stands; throws the ProgramError, or the error of another late step.
[[noreturn]] void throw_start_failure(const process::Message& failure, const process::Program& program, pid_t pid);

// Tells whoever waits for the console: the socket, or the handle.
Fd deliver_terminal(Fd terminal, int console_socket);

}  // namespace container
}  // namespace crun
