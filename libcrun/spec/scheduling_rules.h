// validate()'s rules for what says when and where a process runs.
#pragma once

#include "libcrun/spec/spec.h"

namespace crun::spec {

// config.md "Linux Process": scheduler, ioPriority, execCPUAffinity.
void check_scheduling(const Process& process);

// config-linux.md "Memory policy".
void check_memory_policy(const MemoryPolicy& policy);

}  // namespace crun::spec
