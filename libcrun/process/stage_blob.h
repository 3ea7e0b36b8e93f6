// What the parent makes for the stage: its plan as one flat blob, and the stage itself, each in a sealed memfd.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crun/fd.h"
#include "libcrun/process/scheduling.h"
#include "libcrun/process/stage_plan.h"
#include "libcrun/security/capabilities.h"
#include "libcrun/security/label.h"
#include "libcrun/security/seccomp.h"
#include "libcrun/spec/spec.h"

namespace crun::process {

struct StageInput {
  const spec::Process& process;
  const std::vector<std::string>& environment;  // the process's, completed
  const std::vector<std::string>& programs;     // paths to try in turn
  security::CapabilitySets capabilities;
  int last_capability = 0;
  const security::SeccompFilter* filter = nullptr;
  std::optional<security::ExecLabel> label;
  std::vector<KernelCall> calls;
  int preserve_fds = 0;
  bool start_by_fifo = false;
  int death_signal = 0;
};

// The blob as bytes: a pure function.
std::string make_stage_blob(const StageInput& input);

// Throws SysError.
Fd make_sealed_file(const char* name, const void* content, size_t size, bool executable);

// The stage's memfd, made once a process and kept. Borrowed.
int stage_file();

// For a stage that root of a user namespace could look into between its execve and its first own call: a program that
// one may not read cannot be looked into (ptrace(2); capabilities over our file are ours alone). Throws SysError.
void hide_stage();

}  // namespace crun::process
