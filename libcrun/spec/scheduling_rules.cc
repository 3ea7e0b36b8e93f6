#include "libcrun/spec/scheduling_rules.h"

#include <string>

#include "libcrun/spec/names.h"
#include "libcrun/spec/number_list.h"
#include "libcrun/spec/rules.h"

namespace crun::spec {
namespace {

// A value that the policy has no use for is an error, as runc has it: it was meant for another one.
void check_scheduler(const Scheduler& scheduler) {
  const std::string field = "process.scheduler";
  const std::string policy(name_of(scheduler.policy));
  if (scheduler.nice < -20 || scheduler.nice > 19) invalid(field + ".nice", "must be from -20 to 19");
  bool realtime = scheduler.policy == SchedulerPolicy::fifo || scheduler.policy == SchedulerPolicy::round_robin;
  if (scheduler.priority < 0 || scheduler.priority > 99) invalid(field + ".priority", "must be from 0 to 99");
  if (scheduler.priority != 0 && !realtime) {
    invalid(field + ".priority", "is for SCHED_FIFO and SCHED_RR, not for " + policy);
  }
  if (scheduler.policy == SchedulerPolicy::deadline) return;
  if (scheduler.runtime != 0) invalid(field + ".runtime", "is for SCHED_DEADLINE, not for " + policy);
  if (scheduler.deadline != 0) invalid(field + ".deadline", "is for SCHED_DEADLINE, not for " + policy);
  if (scheduler.period != 0) invalid(field + ".period", "is for SCHED_DEADLINE, not for " + policy);
}

bool takes_nodes(MemoryPolicyMode mode) {
  return mode != MemoryPolicyMode::default_ && mode != MemoryPolicyMode::local;
}

}  // namespace

void check_scheduling(const Process& process) {
  if (process.scheduler) check_scheduler(*process.scheduler);
  if (process.io_priority && (process.io_priority->priority < 0 || process.io_priority->priority > 7)) {
    invalid("process.ioPriority.priority", "must be from 0 to 7");
  }
  if (!process.exec_cpu_affinity) return;
  parse_number_list("process.execCPUAffinity.initial", process.exec_cpu_affinity->initial);
  parse_number_list("process.execCPUAffinity.final", process.exec_cpu_affinity->final);
}

void check_memory_policy(const MemoryPolicy& policy) {
  const std::string mode(name_of(policy.mode));
  bool has_nodes = !parse_number_list("linux.memoryPolicy.nodes", policy.nodes).empty();
  if (has_nodes && !takes_nodes(policy.mode)) invalid("linux.memoryPolicy.nodes", mode + " takes no nodes");
  // Without nodes MPOL_PREFERRED is MPOL_LOCAL (set_mempolicy(2)).
  if (!has_nodes && takes_nodes(policy.mode) && policy.mode != MemoryPolicyMode::preferred) {
    invalid("linux.memoryPolicy.nodes", mode + " needs nodes");
  }
}

}  // namespace crun::spec
