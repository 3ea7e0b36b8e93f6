#include "libcrun/process/scheduling.h"

#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

#include "crun/error.h"
#include "libcrun/spec/number_list.h"

namespace crun::process {
namespace {

using spec::MemoryPolicyFlag;
using spec::MemoryPolicyMode;
using spec::SchedulerFlag;
using spec::SchedulerPolicy;

// <linux/ioprio.h> came with the kernel headers of 5.15.
constexpr uint64_t kIoPriorityProcess = 1;  // IOPRIO_WHO_PROCESS
constexpr unsigned kIoPriorityClassShift = 13;

// The kernel's struct sched_attr, whose header cannot be had together with <pthread.h>'s <sched.h>.
struct SchedulerAttributes {
  uint32_t size = sizeof(SchedulerAttributes);
  uint32_t policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime = 0;
  uint64_t deadline = 0;
  uint64_t period = 0;
  uint32_t util_min = 0;
  uint32_t util_max = 0;
};
static_assert(sizeof(SchedulerAttributes) == 56);

uint32_t policy_number(SchedulerPolicy policy) {
  switch (policy) {
    case SchedulerPolicy::other: return SCHED_NORMAL;
    case SchedulerPolicy::fifo: return SCHED_FIFO;
    case SchedulerPolicy::round_robin: return SCHED_RR;
    case SchedulerPolicy::batch: return SCHED_BATCH;
    case SchedulerPolicy::iso: return 4;  // SCHED_ISO: reserved, the kernel refuses it
    case SchedulerPolicy::idle: return SCHED_IDLE;
    case SchedulerPolicy::deadline: return SCHED_DEADLINE;
  }
  throw Error(ErrorKind::internal, "unknown scheduling policy");
}

uint64_t flag_bit(SchedulerFlag flag) {
  switch (flag) {
    case SchedulerFlag::reset_on_fork: return SCHED_FLAG_RESET_ON_FORK;
    case SchedulerFlag::reclaim: return SCHED_FLAG_RECLAIM;
    case SchedulerFlag::deadline_overrun: return SCHED_FLAG_DL_OVERRUN;
    case SchedulerFlag::keep_policy: return SCHED_FLAG_KEEP_POLICY;
    case SchedulerFlag::keep_params: return SCHED_FLAG_KEEP_PARAMS;
    case SchedulerFlag::util_clamp_min: return SCHED_FLAG_UTIL_CLAMP_MIN;
    case SchedulerFlag::util_clamp_max: return SCHED_FLAG_UTIL_CLAMP_MAX;
  }
  throw Error(ErrorKind::internal, "unknown scheduling flag");
}

std::string bytes_of(const void* data, size_t size) { return {static_cast<const char*>(data), size}; }

KernelCall scheduler_call(const spec::Scheduler& scheduler) {
  SchedulerAttributes attributes;
  attributes.policy = policy_number(scheduler.policy);
  for (SchedulerFlag flag : scheduler.flags) attributes.flags |= flag_bit(flag);
  attributes.nice = scheduler.nice;
  attributes.priority = static_cast<uint32_t>(scheduler.priority);
  attributes.runtime = scheduler.runtime;
  attributes.deadline = scheduler.deadline;
  attributes.period = scheduler.period;
  return {Step::scheduler, SYS_sched_setattr, {}, bytes_of(&attributes, sizeof attributes), 1};
}

KernelCall io_priority_call(const spec::IoPriority& wanted) {
  uint64_t level = 0;
  switch (wanted.priority_class) {
    case spec::IoPriorityClass::realtime: level = 1; break;
    case spec::IoPriorityClass::best_effort: level = 2; break;
    case spec::IoPriorityClass::idle: level = 3; break;
  }
  uint64_t value = level << kIoPriorityClassShift | static_cast<uint64_t>(wanted.priority);
  return {Step::io_priority, SYS_ioprio_set, {kIoPriorityProcess, 0, value}, "", -1};
}

KernelCall affinity_call(const std::string& cpus) {
  std::vector<uint64_t> mask = spec::parse_number_list("process.execCPUAffinity.final", cpus);
  size_t size = mask.size() * sizeof mask[0];
  return {Step::affinity, SYS_sched_setaffinity, {0, size}, bytes_of(mask.data(), size), 2};
}

KernelCall personality_call(const spec::Personality& wanted) {
  uint64_t domain = wanted.domain == spec::PersonalityDomain::linux32 ? PER_LINUX32 : PER_LINUX;
  return {Step::personality, SYS_personality, {domain}, "", -1};
}

uint64_t mode_number(MemoryPolicyMode mode) {
  switch (mode) {
    case MemoryPolicyMode::default_: return MPOL_DEFAULT;
    case MemoryPolicyMode::preferred: return MPOL_PREFERRED;
    case MemoryPolicyMode::bind: return MPOL_BIND;
    case MemoryPolicyMode::interleave: return MPOL_INTERLEAVE;
    case MemoryPolicyMode::local: return MPOL_LOCAL;
    case MemoryPolicyMode::preferred_many: return 5;       // Linux 5.15
    case MemoryPolicyMode::weighted_interleave: return 6;  // Linux 6.9
  }
  throw Error(ErrorKind::internal, "unknown memory policy");
}

uint64_t flag_bit(MemoryPolicyFlag flag) {
  switch (flag) {
    case MemoryPolicyFlag::static_nodes: return MPOL_F_STATIC_NODES;
    case MemoryPolicyFlag::relative_nodes: return MPOL_F_RELATIVE_NODES;
    case MemoryPolicyFlag::numa_balancing: return 1 << 13;  // Linux 5.12
  }
  throw Error(ErrorKind::internal, "unknown memory policy flag");
}

KernelCall memory_policy_call(const spec::MemoryPolicy& policy) {
  uint64_t mode = mode_number(policy.mode);
  for (MemoryPolicyFlag flag : policy.flags) mode |= flag_bit(flag);
  std::vector<uint64_t> nodes = spec::parse_number_list("linux.memoryPolicy.nodes", policy.nodes);
  if (nodes.empty()) return {Step::memory_policy, SYS_set_mempolicy, {mode}, "", -1};
  size_t size = nodes.size() * sizeof nodes[0];
  // The kernel reads one bit less than it is told (set_mempolicy(2), BUGS).
  return {Step::memory_policy, SYS_set_mempolicy, {mode, 0, size * 8 + 1}, bytes_of(nodes.data(), size), 1};
}

constexpr size_t kMaskWords = (spec::kLargestListed + 1) / 64;

size_t size_of(const std::vector<uint64_t>& mask) { return mask.size() * sizeof mask[0]; }
cpu_set_t* as_set(std::vector<uint64_t>& mask) { return reinterpret_cast<cpu_set_t*>(mask.data()); }

}  // namespace

std::vector<KernelCall> scheduling_calls(const SchedulingRequest& request) {
  const spec::Process& process = request.process;
  std::vector<KernelCall> calls;
  if (process.scheduler) calls.push_back(scheduler_call(*process.scheduler));
  if (process.io_priority) calls.push_back(io_priority_call(*process.io_priority));
  if (request.joins && process.exec_cpu_affinity && !process.exec_cpu_affinity->final.empty()) {
    calls.push_back(affinity_call(process.exec_cpu_affinity->final));
  }
  if (request.memory_policy != nullptr) calls.push_back(memory_policy_call(*request.memory_policy));
  if (request.personality != nullptr) calls.push_back(personality_call(*request.personality));
  return calls;
}

InitialAffinity::InitialAffinity(const std::string& cpus) {
  if (cpus.empty()) return;
  std::vector<uint64_t> mask = spec::parse_number_list("process.execCPUAffinity.initial", cpus);
  std::vector<uint64_t> before(kMaskWords);
  checked(sched_getaffinity(0, size_of(before), as_set(before)), "reading our cpu affinity");
  checked(sched_setaffinity(0, size_of(mask), as_set(mask)), "setting the initial cpu affinity " + cpus);
  before_ = std::move(before);
}

InitialAffinity::~InitialAffinity() {
  if (!before_.empty()) sched_setaffinity(0, size_of(before_), as_set(before_));
}

}  // namespace crun::process
