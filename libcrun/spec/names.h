// The words of the schema's enumerations, each table the one source for reading, writing and the features document.
#pragma once

#include <sys/resource.h>

#include <array>
#include <optional>
#include <string_view>

#include "libcrun/spec/spec.h"

namespace crun::spec {

template <typename Value>
struct Name {
  std::string_view text;
  Value value;
};

// what: for errors, "unknown limit 'RLIMIT_X'".
template <typename Enum>
struct Names;

template <>
struct Names<NamespaceType> {
  static constexpr std::string_view kWhat = "namespace type";
  static constexpr std::array kTable = std::to_array<Name<NamespaceType>>({
      {"mount", NamespaceType::mount},
      {"pid", NamespaceType::pid},
      {"network", NamespaceType::network},
      {"uts", NamespaceType::uts},
      {"ipc", NamespaceType::ipc},
      {"user", NamespaceType::user},
      {"cgroup", NamespaceType::cgroup},
      {"time", NamespaceType::time},
  });
};

template <>
struct Names<DeviceType> {
  static constexpr std::string_view kWhat = "device type";
  static constexpr std::array kTable = std::to_array<Name<DeviceType>>({
      {"a", DeviceType::all},
      {"b", DeviceType::block},
      {"c", DeviceType::character},
      {"u", DeviceType::unbuffered},
      {"p", DeviceType::fifo},
  });
};

template <>
struct Names<Propagation> {
  static constexpr std::string_view kWhat = "propagation";
  static constexpr std::array kTable = std::to_array<Name<Propagation>>({
      {"private", Propagation::private_},
      {"shared", Propagation::shared},
      {"slave", Propagation::slave},
      {"unbindable", Propagation::unbindable},
      {"rprivate", Propagation::recursive_private},
      {"rshared", Propagation::recursive_shared},
      {"rslave", Propagation::recursive_slave},
      {"runbindable", Propagation::recursive_unbindable},
  });
};

template <>
struct Names<IoPriorityClass> {
  static constexpr std::string_view kWhat = "class";
  static constexpr std::array kTable = std::to_array<Name<IoPriorityClass>>({
      {"IOPRIO_CLASS_RT", IoPriorityClass::realtime},
      {"IOPRIO_CLASS_BE", IoPriorityClass::best_effort},
      {"IOPRIO_CLASS_IDLE", IoPriorityClass::idle},
  });
};

template <>
struct Names<SchedulerPolicy> {
  static constexpr std::string_view kWhat = "policy";
  static constexpr std::array kTable = std::to_array<Name<SchedulerPolicy>>({
      {"SCHED_OTHER", SchedulerPolicy::other},
      {"SCHED_FIFO", SchedulerPolicy::fifo},
      {"SCHED_RR", SchedulerPolicy::round_robin},
      {"SCHED_BATCH", SchedulerPolicy::batch},
      {"SCHED_ISO", SchedulerPolicy::iso},
      {"SCHED_IDLE", SchedulerPolicy::idle},
      {"SCHED_DEADLINE", SchedulerPolicy::deadline},
  });
};

template <>
struct Names<SchedulerFlag> {
  static constexpr std::string_view kWhat = "flag";
  static constexpr std::array kTable = std::to_array<Name<SchedulerFlag>>({
      {"SCHED_FLAG_RESET_ON_FORK", SchedulerFlag::reset_on_fork},
      {"SCHED_FLAG_RECLAIM", SchedulerFlag::reclaim},
      {"SCHED_FLAG_DL_OVERRUN", SchedulerFlag::deadline_overrun},
      {"SCHED_FLAG_KEEP_POLICY", SchedulerFlag::keep_policy},
      {"SCHED_FLAG_KEEP_PARAMS", SchedulerFlag::keep_params},
      {"SCHED_FLAG_UTIL_CLAMP_MIN", SchedulerFlag::util_clamp_min},
      {"SCHED_FLAG_UTIL_CLAMP_MAX", SchedulerFlag::util_clamp_max},
  });
};

template <>
struct Names<SeccompAction> {
  static constexpr std::string_view kWhat = "action";
  static constexpr std::array kTable = std::to_array<Name<SeccompAction>>({
      {"SCMP_ACT_KILL", SeccompAction::kill},
      {"SCMP_ACT_KILL_PROCESS", SeccompAction::kill_process},
      {"SCMP_ACT_KILL_THREAD", SeccompAction::kill_thread},
      {"SCMP_ACT_TRAP", SeccompAction::trap},
      {"SCMP_ACT_ERRNO", SeccompAction::error_number},
      {"SCMP_ACT_TRACE", SeccompAction::trace},
      {"SCMP_ACT_ALLOW", SeccompAction::allow},
      {"SCMP_ACT_LOG", SeccompAction::log},
      {"SCMP_ACT_NOTIFY", SeccompAction::notify},
  });
};

template <>
struct Names<SeccompOperator> {
  static constexpr std::string_view kWhat = "operator";
  static constexpr std::array kTable = std::to_array<Name<SeccompOperator>>({
      {"SCMP_CMP_NE", SeccompOperator::not_equal},
      {"SCMP_CMP_LT", SeccompOperator::less},
      {"SCMP_CMP_LE", SeccompOperator::less_equal},
      {"SCMP_CMP_EQ", SeccompOperator::equal},
      {"SCMP_CMP_GE", SeccompOperator::greater_equal},
      {"SCMP_CMP_GT", SeccompOperator::greater},
      {"SCMP_CMP_MASKED_EQ", SeccompOperator::masked_equal},
  });
};

template <>
struct Names<SeccompFlag> {
  static constexpr std::string_view kWhat = "flag";
  static constexpr std::array kTable = std::to_array<Name<SeccompFlag>>({
      {"SECCOMP_FILTER_FLAG_TSYNC", SeccompFlag::tsync},
      {"SECCOMP_FILTER_FLAG_LOG", SeccompFlag::log},
      {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SeccompFlag::spec_allow},
      {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SeccompFlag::wait_killable_recv},
  });
};

template <>
struct Names<SeccompArch> {
  static constexpr std::string_view kWhat = "architecture";
  static constexpr std::array kTable = std::to_array<Name<SeccompArch>>({
      {"SCMP_ARCH_X86", SeccompArch::x86},
      {"SCMP_ARCH_X86_64", SeccompArch::x86_64},
      {"SCMP_ARCH_X32", SeccompArch::x32},
      {"SCMP_ARCH_ARM", SeccompArch::arm},
      {"SCMP_ARCH_AARCH64", SeccompArch::aarch64},
      {"SCMP_ARCH_LOONGARCH64", SeccompArch::loongarch64},
      {"SCMP_ARCH_M68K", SeccompArch::m68k},
      {"SCMP_ARCH_MIPS", SeccompArch::mips},
      {"SCMP_ARCH_MIPS64", SeccompArch::mips64},
      {"SCMP_ARCH_MIPS64N32", SeccompArch::mips64n32},
      {"SCMP_ARCH_MIPSEL", SeccompArch::mipsel},
      {"SCMP_ARCH_MIPSEL64", SeccompArch::mipsel64},
      {"SCMP_ARCH_MIPSEL64N32", SeccompArch::mipsel64n32},
      {"SCMP_ARCH_PPC", SeccompArch::ppc},
      {"SCMP_ARCH_PPC64", SeccompArch::ppc64},
      {"SCMP_ARCH_PPC64LE", SeccompArch::ppc64le},
      {"SCMP_ARCH_S390", SeccompArch::s390},
      {"SCMP_ARCH_S390X", SeccompArch::s390x},
      {"SCMP_ARCH_SH", SeccompArch::sh},
      {"SCMP_ARCH_SHEB", SeccompArch::sheb},
      {"SCMP_ARCH_PARISC", SeccompArch::parisc},
      {"SCMP_ARCH_PARISC64", SeccompArch::parisc64},
      {"SCMP_ARCH_RISCV64", SeccompArch::riscv64},
  });
};

template <>
struct Names<MemoryPolicyMode> {
  static constexpr std::string_view kWhat = "mode";
  static constexpr std::array kTable = std::to_array<Name<MemoryPolicyMode>>({
      {"MPOL_DEFAULT", MemoryPolicyMode::default_},
      {"MPOL_BIND", MemoryPolicyMode::bind},
      {"MPOL_INTERLEAVE", MemoryPolicyMode::interleave},
      {"MPOL_WEIGHTED_INTERLEAVE", MemoryPolicyMode::weighted_interleave},
      {"MPOL_PREFERRED", MemoryPolicyMode::preferred},
      {"MPOL_PREFERRED_MANY", MemoryPolicyMode::preferred_many},
      {"MPOL_LOCAL", MemoryPolicyMode::local},
  });
};

template <>
struct Names<MemoryPolicyFlag> {
  static constexpr std::string_view kWhat = "flag";
  static constexpr std::array kTable = std::to_array<Name<MemoryPolicyFlag>>({
      {"MPOL_F_NUMA_BALANCING", MemoryPolicyFlag::numa_balancing},
      {"MPOL_F_RELATIVE_NODES", MemoryPolicyFlag::relative_nodes},
      {"MPOL_F_STATIC_NODES", MemoryPolicyFlag::static_nodes},
  });
};

template <>
struct Names<PersonalityDomain> {
  static constexpr std::string_view kWhat = "domain";
  static constexpr std::array kTable = std::to_array<Name<PersonalityDomain>>({
      {"LINUX", PersonalityDomain::linux64},
      {"LINUX32", PersonalityDomain::linux32},
  });
};

template <>
struct Names<Status> {
  static constexpr std::string_view kWhat = "status";
  static constexpr std::array kTable = std::to_array<Name<Status>>({
      {"creating", Status::creating},
      {"created", Status::created},
      {"running", Status::running},
      {"stopped", Status::stopped},
  });
};

// Not an enumeration of ours: the kernel's RLIMIT_* numbers (getrlimit(2)).
inline constexpr std::array kRlimitNames = std::to_array<Name<int>>({
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
});

template <typename Enum>
constexpr std::string_view name_of(Enum value) noexcept {
  for (const auto& entry : Names<Enum>::kTable) {
    if (entry.value == value) return entry.text;
  }
  return {};
}

template <typename Enum>
constexpr std::optional<Enum> find_named(std::string_view text) noexcept {
  for (const auto& entry : Names<Enum>::kTable) {
    if (entry.text == text) return entry.value;
  }
  return std::nullopt;
}

constexpr std::string_view rlimit_name(int resource) noexcept {
  for (const auto& entry : kRlimitNames) {
    if (entry.value == resource) return entry.text;
  }
  return {};
}

constexpr std::optional<int> find_rlimit(std::string_view text) noexcept {
  for (const auto& entry : kRlimitNames) {
    if (entry.text == text) return entry.value;
  }
  return std::nullopt;
}

}  // namespace crun::spec
