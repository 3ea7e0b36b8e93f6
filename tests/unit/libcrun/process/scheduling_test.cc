#include "libcrun/process/scheduling.h"

#include <doctest/doctest.h>
#include <sys/syscall.h>

#include <cstring>

#include "crun/error.h"
#include "libcrun/process/stage_blob.h"

using namespace crun;
using namespace crun::process;

namespace {

// sched_setattr(2), struct sched_attr: offsets and numbers as the manual page has them.
template <typename T>
T at(const KernelCall& call, size_t offset) {
  T value;
  REQUIRE(call.data.size() >= offset + sizeof value);
  memcpy(&value, call.data.data() + offset, sizeof value);
  return value;
}

KernelCall only(const SchedulingRequest& request) {
  std::vector<KernelCall> calls = scheduling_calls(request);
  REQUIRE(calls.size() == 1);
  return calls[0];
}

KernelCall scheduler(const spec::Scheduler& wanted) {
  spec::Process process;
  process.scheduler = wanted;
  return only({process});
}

uint64_t word(const KernelCall& call, size_t index) { return at<uint64_t>(call, index * 8); }

}  // namespace

TEST_CASE("nothing asked for is no call") {
  spec::Process process;
  process.exec_cpu_affinity = spec::CpuAffinity{"0", "0"};
  CHECK(scheduling_calls({process}).empty());  // a container's first process: the affinity is exec's alone
}

TEST_CASE("each scheduling policy has the kernel's number") {
  using spec::SchedulerPolicy;
  struct Expected {
    SchedulerPolicy policy;
    uint32_t number;
  };
  for (const Expected& each : {Expected{SchedulerPolicy::other, 0},
                               {SchedulerPolicy::fifo, 1},
                               {SchedulerPolicy::round_robin, 2},
                               {SchedulerPolicy::batch, 3},
                               {SchedulerPolicy::iso, 4},
                               {SchedulerPolicy::idle, 5},
                               {SchedulerPolicy::deadline, 6}}) {
    spec::Scheduler wanted;
    wanted.policy = each.policy;
    KernelCall call = scheduler(wanted);
    CHECK(call.step == Step::scheduler);
    CHECK(call.number == SYS_sched_setattr);
    CHECK(call.data_argument == 1);
    CHECK(at<uint32_t>(call, 0) == 56);
    CHECK(at<uint32_t>(call, 4) == each.number);
  }
}

TEST_CASE("SCHED_DEADLINE: runtime, deadline and period in nanoseconds, and every flag") {
  using spec::SchedulerFlag;
  spec::Scheduler wanted;
  wanted.policy = spec::SchedulerPolicy::deadline;
  wanted.runtime = 10'000'000;
  wanted.deadline = 20'000'000;
  wanted.period = 30'000'000;
  wanted.flags = {SchedulerFlag::reset_on_fork, SchedulerFlag::reclaim,     SchedulerFlag::deadline_overrun,
                  SchedulerFlag::keep_policy,   SchedulerFlag::keep_params, SchedulerFlag::util_clamp_min,
                  SchedulerFlag::util_clamp_max};
  KernelCall call = scheduler(wanted);
  CHECK(at<uint64_t>(call, 8) == 0x7f);
  CHECK(at<int32_t>(call, 16) == 0);
  CHECK(at<uint32_t>(call, 20) == 0);
  CHECK(at<uint64_t>(call, 24) == 10'000'000);
  CHECK(at<uint64_t>(call, 32) == 20'000'000);
  CHECK(at<uint64_t>(call, 40) == 30'000'000);
}

TEST_CASE("nice and priority") {
  spec::Scheduler wanted;
  wanted.policy = spec::SchedulerPolicy::batch;
  wanted.nice = -7;
  CHECK(at<int32_t>(scheduler(wanted), 16) == -7);
  wanted.policy = spec::SchedulerPolicy::round_robin;
  wanted.priority = 42;
  CHECK(at<uint32_t>(scheduler(wanted), 20) == 42);
}

TEST_CASE("an I/O priority is class and level in one number (ioprio_set(2))") {
  using spec::IoPriorityClass;
  spec::Process process;
  process.io_priority = spec::IoPriority{IoPriorityClass::best_effort, 5};
  KernelCall call = only({process});
  CHECK(call.number == SYS_ioprio_set);
  CHECK(call.arguments[0] == 1);
  CHECK(call.arguments[1] == 0);
  CHECK(call.arguments[2] == (2 << 13 | 5));
  process.io_priority = spec::IoPriority{IoPriorityClass::realtime, 0};
  CHECK(only({process}).arguments[2] == 1 << 13);
  process.io_priority = spec::IoPriority{IoPriorityClass::idle, 7};
  CHECK(only({process}).arguments[2] == (3 << 13 | 7));
}

TEST_CASE("an exec'd process's final affinity is a mask") {
  spec::Process process;
  process.exec_cpu_affinity = spec::CpuAffinity{"0", "0-2,65"};
  SchedulingRequest request{process};
  request.joins = true;
  KernelCall call = only(request);
  CHECK(call.number == SYS_sched_setaffinity);
  CHECK(call.arguments[1] == 16);
  CHECK(call.data_argument == 2);
  CHECK(word(call, 0) == 7);
  CHECK(word(call, 1) == 2);
  process.exec_cpu_affinity->final.clear();
  CHECK(scheduling_calls(request).empty());
}

TEST_CASE("a personality is its domain") {
  spec::Process process;
  spec::Personality wanted{spec::PersonalityDomain::linux32, {}};
  CHECK(only({process, &wanted}).arguments[0] == 8);
  wanted.domain = spec::PersonalityDomain::linux64;
  CHECK(only({process, &wanted}).arguments[0] == 0);
}

TEST_CASE("a memory policy: mode with flags, nodes as a mask of one bit more than there are") {
  using spec::MemoryPolicyFlag;
  using spec::MemoryPolicyMode;
  spec::Process process;
  spec::MemoryPolicy policy{MemoryPolicyMode::interleave, "0-1,64", {MemoryPolicyFlag::static_nodes}};
  KernelCall call = only({process, nullptr, &policy});
  CHECK(call.number == SYS_set_mempolicy);
  CHECK(call.arguments[0] == (3 | 1 << 15));
  CHECK(call.data_argument == 1);
  CHECK(call.arguments[2] == 129);
  CHECK(word(call, 0) == 3);
  CHECK(word(call, 1) == 1);
  struct Expected {
    MemoryPolicyMode mode;
    uint64_t number;
  };
  for (const Expected& each : {Expected{MemoryPolicyMode::default_, 0},
                               {MemoryPolicyMode::preferred, 1},
                               {MemoryPolicyMode::bind, 2},
                               {MemoryPolicyMode::local, 4},
                               {MemoryPolicyMode::preferred_many, 5},
                               {MemoryPolicyMode::weighted_interleave, 6}}) {
    spec::MemoryPolicy other{each.mode, "", {}};
    call = only({process, nullptr, &other});
    CHECK(call.arguments[0] == each.number);
    CHECK(call.data_argument == -1);
    CHECK(call.arguments[2] == 0);
  }
  policy = {MemoryPolicyMode::bind, "1", {MemoryPolicyFlag::numa_balancing, MemoryPolicyFlag::relative_nodes}};
  CHECK(only({process, nullptr, &policy}).arguments[0] == (2 | 1 << 13 | 1 << 14));
}

TEST_CASE("the stage gets a call's data by its offset, aligned") {
  spec::Process process;
  process.args = {"x"};
  process.scheduler.emplace().nice = 3;
  std::vector<std::string> none;
  StageInput input{process, none, none};
  input.calls = scheduling_calls({process});
  std::string blob = make_stage_blob(input);
  StagePlan plan;
  memcpy(&plan, blob.data(), sizeof plan);
  REQUIRE(plan.calls.count == 1);
  StageCall call;
  memcpy(&call, blob.data() + plan.calls.offset, sizeof call);
  CHECK(call.step == static_cast<uint32_t>(Step::scheduler));
  REQUIRE(call.data_argument == 1);
  CHECK(call.arguments[1] % 8 == 0);
  CHECK(blob.substr(call.arguments[1], 56) == input.calls[0].data);
}
