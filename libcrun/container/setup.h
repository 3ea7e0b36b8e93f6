// What create and exec have in common: a process of the spec becomes the child's plan and the stage's blob.
#pragma once

#include "base/dir.h"
#include "crun/runtime.h"
#include "libcrun/ns/id_maps.h"
#include "libcrun/process/plan.h"
#include "libcrun/process/program.h"
#include "libcrun/spec/spec.h"

namespace crun::container {

struct SetupRequest {
  const spec::Process& process;
  const spec::Seccomp* seccomp = nullptr;
  const ProcessIo& io;
  const Dir& root;         // the container's, for its passwd
  std::string state_root;  // where compiled filters are kept
  const spec::Personality* personality = nullptr;
  const spec::MemoryPolicy* memory_policy = nullptr;
  // Of the user namespace that the process is not in by our own being there; null: there is none.
  const ns::IdMaps* ids = nullptr;
  bool start_by_fifo = false;
  bool joins = false;  // by exec
};

// Throws Error{invalid} where the caller has no such fds to pass on. To be called before anything else is opened, so
// that no descriptor of ours can take one of those numbers.
void check_preserved_fds(int count);

// Fills all of `plan` that concerns the process. program: where its file may be.
void set_up_process(process::Plan& plan, const process::Program& program, const SetupRequest& request);

// "1234", whole or not at all.
void write_pid_file(const std::string& path, pid_t pid);

}  // namespace crun::container
