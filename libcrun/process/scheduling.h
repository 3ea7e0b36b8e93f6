// What a process is before its program runs and that one system call each sets: scheduler, I/O priority, CPU affinity,
// personality, memory policy. The parent writes the calls down, the stage makes them: one that is not asked for is not
// there, and costs nothing.
// Source: config.md "Linux Process", config-linux.md "Personality" and "Memory policy"; sched_setattr(2),
// ioprio_set(2), sched_setaffinity(2), personality(2), set_mempolicy(2).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "crun/fd.h"
#include "libcrun/process/steps.h"
#include "libcrun/spec/spec.h"

namespace crun::process {

struct KernelCall {
  Step step = Step::none;
  long number = 0;
  std::array<uint64_t, 4> arguments = {};
  std::string data;        // what one of the arguments points to
  int data_argument = -1;  // which; -1: none
};

struct SchedulingRequest {
  const spec::Process& process;
  const spec::Personality* personality = nullptr;
  const spec::MemoryPolicy* memory_policy = nullptr;
  bool joins = false;  // an exec'd process: execCPUAffinity is for those alone
};

// Pure. Throws Error{invalid} for a malformed list.
std::vector<KernelCall> scheduling_calls(const SchedulingRequest& request);

// execCPUAffinity.initial: the children of this thread run there from their first moment until they are in the
// container's cgroup. Empty: changes nothing.
class InitialAffinity {
 public:
  // Throws Error{invalid}, SysError.
  explicit InitialAffinity(const std::string& cpus);
  InitialAffinity(const InitialAffinity&) = delete;
  InitialAffinity& operator=(const InitialAffinity&) = delete;
  ~InitialAffinity();

 private:
  std::vector<uint64_t> before_;
};

}  // namespace crun::process
