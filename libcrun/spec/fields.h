// Which property of the schema is which member: the one table that reading and writing share.
#pragma once

#include <string_view>
#include <tuple>

#include "libcrun/spec/spec.h"

namespace crun::spec {

enum class Presence {
  optional,  // left out of what is written where it is empty, false or zero
  shown,     // need not be there to read, always written
  required,  // an error where it is missing, always written
};

template <typename Struct, typename Member>
struct Field {
  std::string_view key;
  Member Struct::*member;
  Presence presence;
  std::string_view inner = {};  // "limit" of {"pids": {"limit": 1}}: an object of the schema that is one value here
};

template <typename Struct, typename Member>
constexpr Field<Struct, Member> field(std::string_view key, Member Struct::*member) {
  return {key, member, Presence::optional};
}
template <typename Struct, typename Member>
constexpr Field<Struct, Member> shown(std::string_view key, Member Struct::*member) {
  return {key, member, Presence::shown};
}
template <typename Struct, typename Member>
constexpr Field<Struct, Member> required(std::string_view key, Member Struct::*member) {
  return {key, member, Presence::required};
}
template <typename Struct, typename Member>
constexpr Field<Struct, Member> nested(std::string_view key, std::string_view inner, Member Struct::*member) {
  return {key, member, Presence::optional, inner};
}

template <typename Struct>
struct Fields;

template <>
struct Fields<Root> {
  static constexpr auto kTable = std::tuple(required("path", &Root::path), field("readonly", &Root::readonly));
};

template <>
struct Fields<IdMapping> {
  static constexpr auto kTable =
      std::tuple(required("containerID", &IdMapping::container_id), required("hostID", &IdMapping::host_id),
                 required("size", &IdMapping::size));
};

template <>
struct Fields<Mount> {
  static constexpr auto kTable =
      std::tuple(required("destination", &Mount::destination), field("type", &Mount::type),
                 field("source", &Mount::source), field("options", &Mount::options),
                 field("uidMappings", &Mount::uid_mappings), field("gidMappings", &Mount::gid_mappings));
};

template <>
struct Fields<ConsoleSize> {
  static constexpr auto kTable =
      std::tuple(required("height", &ConsoleSize::height), required("width", &ConsoleSize::width));
};

template <>
struct Fields<User> {
  static constexpr auto kTable =
      std::tuple(shown("uid", &User::uid), shown("gid", &User::gid), field("umask", &User::umask),
                 field("additionalGids", &User::additional_gids), field("username", &User::username));
};

template <>
struct Fields<Capabilities> {
  static constexpr auto kTable =
      std::tuple(field("bounding", &Capabilities::bounding), field("effective", &Capabilities::effective),
                 field("inheritable", &Capabilities::inheritable), field("permitted", &Capabilities::permitted),
                 field("ambient", &Capabilities::ambient));
};

template <>
struct Fields<IoPriority> {
  static constexpr auto kTable =
      std::tuple(required("class", &IoPriority::priority_class), field("priority", &IoPriority::priority));
};

template <>
struct Fields<Scheduler> {
  static constexpr auto kTable = std::tuple(
      required("policy", &Scheduler::policy), field("nice", &Scheduler::nice), field("priority", &Scheduler::priority),
      field("flags", &Scheduler::flags), field("runtime", &Scheduler::runtime), field("deadline", &Scheduler::deadline),
      field("period", &Scheduler::period));
};

template <>
struct Fields<CpuAffinity> {
  static constexpr auto kTable =
      std::tuple(field("initial", &CpuAffinity::initial), field("final", &CpuAffinity::final));
};

template <>
struct Fields<Process> {
  static constexpr auto kTable = std::tuple(
      field("terminal", &Process::terminal), field("consoleSize", &Process::console_size),
      shown("user", &Process::user), field("args", &Process::args), field("commandLine", &Process::command_line),
      field("env", &Process::env), required("cwd", &Process::cwd), field("capabilities", &Process::capabilities),
      field("rlimits", &Process::rlimits), field("noNewPrivileges", &Process::no_new_privileges),
      field("apparmorProfile", &Process::apparmor_profile), field("selinuxLabel", &Process::selinux_label),
      field("oomScoreAdj", &Process::oom_score_adj), field("ioPriority", &Process::io_priority),
      field("scheduler", &Process::scheduler), field("execCPUAffinity", &Process::exec_cpu_affinity));
};

template <>
struct Fields<Hook> {
  static constexpr auto kTable = std::tuple(required("path", &Hook::path), field("args", &Hook::args),
                                            field("env", &Hook::env), field("timeout", &Hook::timeout));
};

template <>
struct Fields<Hooks> {
  static constexpr auto kTable =
      std::tuple(field("prestart", &Hooks::prestart), field("createRuntime", &Hooks::create_runtime),
                 field("createContainer", &Hooks::create_container), field("startContainer", &Hooks::start_container),
                 field("poststart", &Hooks::poststart), field("poststop", &Hooks::poststop));
};

template <>
struct Fields<Namespace> {
  static constexpr auto kTable = std::tuple(required("type", &Namespace::type), field("path", &Namespace::path));
};

template <>
struct Fields<Device> {
  static constexpr auto kTable =
      std::tuple(required("type", &Device::type), required("path", &Device::path), field("major", &Device::major),
                 field("minor", &Device::minor), field("fileMode", &Device::file_mode), field("uid", &Device::uid),
                 field("gid", &Device::gid));
};

template <>
struct Fields<NetDevice> {
  static constexpr auto kTable = std::tuple(field("name", &NetDevice::name));
};

template <>
struct Fields<DeviceRule> {
  static constexpr auto kTable = std::tuple(required("allow", &DeviceRule::allow), shown("type", &DeviceRule::type),
                                            field("major", &DeviceRule::major), field("minor", &DeviceRule::minor),
                                            field("access", &DeviceRule::access));
};

template <>
struct Fields<Memory> {
  static constexpr auto kTable = std::tuple(
      field("limit", &Memory::limit), field("reservation", &Memory::reservation), field("swap", &Memory::swap),
      field("kernel", &Memory::kernel), field("kernelTCP", &Memory::kernel_tcp),
      field("swappiness", &Memory::swappiness), field("disableOOMKiller", &Memory::disable_oom_killer),
      field("useHierarchy", &Memory::use_hierarchy), field("checkBeforeUpdate", &Memory::check_before_update));
};

template <>
struct Fields<Cpu> {
  static constexpr auto kTable =
      std::tuple(field("shares", &Cpu::shares), field("quota", &Cpu::quota), field("burst", &Cpu::burst),
                 field("period", &Cpu::period), field("realtimeRuntime", &Cpu::realtime_runtime),
                 field("realtimePeriod", &Cpu::realtime_period), field("cpus", &Cpu::cpus), field("mems", &Cpu::mems),
                 field("idle", &Cpu::idle));
};

template <>
struct Fields<BlockIoWeight> {
  static constexpr auto kTable =
      std::tuple(required("major", &BlockIoWeight::major), required("minor", &BlockIoWeight::minor),
                 field("weight", &BlockIoWeight::weight), field("leafWeight", &BlockIoWeight::leaf_weight));
};

template <>
struct Fields<BlockIoThrottle> {
  static constexpr auto kTable =
      std::tuple(required("major", &BlockIoThrottle::major), required("minor", &BlockIoThrottle::minor),
                 shown("rate", &BlockIoThrottle::rate));
};

template <>
struct Fields<BlockIo> {
  static constexpr auto kTable = std::tuple(
      field("weight", &BlockIo::weight), field("leafWeight", &BlockIo::leaf_weight),
      field("weightDevice", &BlockIo::weight_devices), field("throttleReadBpsDevice", &BlockIo::read_bps),
      field("throttleWriteBpsDevice", &BlockIo::write_bps), field("throttleReadIOPSDevice", &BlockIo::read_iops),
      field("throttleWriteIOPSDevice", &BlockIo::write_iops));
};

template <>
struct Fields<HugepageLimit> {
  static constexpr auto kTable =
      std::tuple(required("pageSize", &HugepageLimit::page_size), required("limit", &HugepageLimit::limit));
};

template <>
struct Fields<InterfacePriority> {
  static constexpr auto kTable =
      std::tuple(required("name", &InterfacePriority::name), required("priority", &InterfacePriority::priority));
};

template <>
struct Fields<NetworkClasses> {
  static constexpr auto kTable =
      std::tuple(field("classID", &NetworkClasses::class_id), field("priorities", &NetworkClasses::priorities));
};

template <>
struct Fields<Rdma> {
  static constexpr auto kTable =
      std::tuple(field("hcaHandles", &Rdma::hca_handles), field("hcaObjects", &Rdma::hca_objects));
};

template <>
struct Fields<Resources> {
  static constexpr auto kTable = std::tuple(
      field("devices", &Resources::devices), field("memory", &Resources::memory), field("cpu", &Resources::cpu),
      nested("pids", "limit", &Resources::pids_limit), field("blockIO", &Resources::block_io),
      field("hugepageLimits", &Resources::hugepage_limits), field("network", &Resources::network),
      field("rdma", &Resources::rdma), field("unified", &Resources::unified));
};

template <>
struct Fields<SyscallArg> {
  static constexpr auto kTable =
      std::tuple(required("index", &SyscallArg::index), required("value", &SyscallArg::value),
                 field("valueTwo", &SyscallArg::value_two), required("op", &SyscallArg::op));
};

template <>
struct Fields<SyscallRule> {
  static constexpr auto kTable =
      std::tuple(required("names", &SyscallRule::names), required("action", &SyscallRule::action),
                 field("errnoRet", &SyscallRule::errno_ret), field("args", &SyscallRule::args));
};

template <>
struct Fields<Seccomp> {
  static constexpr auto kTable =
      std::tuple(required("defaultAction", &Seccomp::default_action),
                 field("defaultErrnoRet", &Seccomp::default_errno_ret), field("flags", &Seccomp::flags),
                 field("listenerPath", &Seccomp::listener_path), field("listenerMetadata", &Seccomp::listener_metadata),
                 field("architectures", &Seccomp::architectures), field("syscalls", &Seccomp::syscalls));
};

template <>
struct Fields<IntelRdt> {
  static constexpr auto kTable =
      std::tuple(field("closID", &IntelRdt::clos_id), field("schemata", &IntelRdt::schemata),
                 field("l3CacheSchema", &IntelRdt::l3_cache_schema), field("memBwSchema", &IntelRdt::mem_bw_schema),
                 field("enableMonitoring", &IntelRdt::enable_monitoring));
};

template <>
struct Fields<MemoryPolicy> {
  static constexpr auto kTable = std::tuple(shown("mode", &MemoryPolicy::mode), field("nodes", &MemoryPolicy::nodes),
                                            field("flags", &MemoryPolicy::flags));
};

template <>
struct Fields<Personality> {
  static constexpr auto kTable = std::tuple(shown("domain", &Personality::domain), field("flags", &Personality::flags));
};

template <>
struct Fields<TimeOffset> {
  static constexpr auto kTable =
      std::tuple(field("secs", &TimeOffset::seconds), field("nanosecs", &TimeOffset::nanoseconds));
};

template <>
struct Fields<TimeOffsets> {
  static constexpr auto kTable =
      std::tuple(field("boottime", &TimeOffsets::boottime), field("monotonic", &TimeOffsets::monotonic));
};

template <>
struct Fields<Linux> {
  static constexpr auto kTable = std::tuple(
      field("namespaces", &Linux::namespaces), field("uidMappings", &Linux::uid_mappings),
      field("gidMappings", &Linux::gid_mappings), field("devices", &Linux::devices),
      field("netDevices", &Linux::net_devices), field("cgroupsPath", &Linux::cgroups_path),
      field("resources", &Linux::resources), field("rootfsPropagation", &Linux::rootfs_propagation),
      field("seccomp", &Linux::seccomp), field("sysctl", &Linux::sysctl), field("maskedPaths", &Linux::masked_paths),
      field("readonlyPaths", &Linux::readonly_paths), field("mountLabel", &Linux::mount_label),
      field("intelRdt", &Linux::intel_rdt), field("memoryPolicy", &Linux::memory_policy),
      field("personality", &Linux::personality), field("timeOffsets", &Linux::time_offsets));
};

template <>
struct Fields<Spec> {
  static constexpr auto kTable =
      std::tuple(required("ociVersion", &Spec::oci_version), field("hostname", &Spec::hostname),
                 field("domainname", &Spec::domainname), field("root", &Spec::root), field("mounts", &Spec::mounts),
                 field("process", &Spec::process), field("hooks", &Spec::hooks),
                 field("annotations", &Spec::annotations), field("linux", &Spec::linux));
};

template <>
struct Fields<State> {
  static constexpr auto kTable = std::tuple(
      required("ociVersion", &State::oci_version), required("id", &State::id), required("status", &State::status),
      field("pid", &State::pid), required("bundle", &State::bundle), field("annotations", &State::annotations));
};

}  // namespace crun::spec
