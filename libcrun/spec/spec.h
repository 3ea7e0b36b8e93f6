// The OCI runtime-spec 1.3 as plain structs: what config.json says, and nothing that follows from it.
// std::optional stands where "absent" and "zero" mean different things; an empty text, list or map stands for absent.
// Source: opencontainers/runtime-spec, config.md, config-linux.md, runtime.md (state).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crun::spec {

inline constexpr std::string_view kVersion = "1.3.0";

using StringMap = std::map<std::string, std::string>;

// config.md "Root".
struct Root {
  std::string path;  // as written: absolute, or relative to the bundle
  bool readonly = false;
  bool operator==(const Root&) const = default;
};

// config-linux.md "User namespace mappings".
struct IdMapping {
  uint32_t container_id = 0;
  uint32_t host_id = 0;
  uint32_t size = 0;
  bool operator==(const IdMapping&) const = default;
};

// config.md "Mounts". Options are kept as written; rootfs/ reads them.
struct Mount {
  std::string destination;
  std::string type;
  std::string source;
  std::vector<std::string> options;
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
  bool operator==(const Mount&) const = default;
};

// config.md "POSIX process".
struct ConsoleSize {
  uint64_t height = 0;  // rows
  uint64_t width = 0;   // columns
  bool operator==(const ConsoleSize&) const = default;
};

struct User {
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::optional<uint32_t> umask;  // absent: the runtime's default, 0022
  std::vector<uint32_t> additional_gids;
  std::string username;  // Windows alone uses it
  bool operator==(const User&) const = default;
};

// Names as written ("CAP_KILL"); security/capabilities.h turns them into bits.
struct Capabilities {
  std::vector<std::string> bounding;
  std::vector<std::string> effective;
  std::vector<std::string> inheritable;
  std::vector<std::string> permitted;
  std::vector<std::string> ambient;
  bool operator==(const Capabilities&) const = default;
};

struct Rlimit {
  int resource = 0;   // RLIMIT_* of <sys/resource.h>
  uint64_t soft = 0;  // 2^64-1 is RLIM_INFINITY
  uint64_t hard = 0;
  bool operator==(const Rlimit&) const = default;
};

enum class IoPriorityClass { realtime, best_effort, idle };

struct IoPriority {
  IoPriorityClass priority_class = IoPriorityClass::best_effort;
  int32_t priority = 0;
  bool operator==(const IoPriority&) const = default;
};

enum class SchedulerPolicy { other, fifo, round_robin, batch, iso, idle, deadline };
enum class SchedulerFlag {
  reset_on_fork,
  reclaim,
  deadline_overrun,
  keep_policy,
  keep_params,
  util_clamp_min,
  util_clamp_max,
};

struct Scheduler {
  SchedulerPolicy policy = SchedulerPolicy::other;
  int32_t nice = 0;
  int32_t priority = 0;
  std::vector<SchedulerFlag> flags;
  uint64_t runtime = 0;   // nanoseconds
  uint64_t deadline = 0;  // nanoseconds
  uint64_t period = 0;    // nanoseconds
  bool operator==(const Scheduler&) const = default;
};

struct CpuAffinity {
  std::string initial;  // cpu lists, "0-3,7"
  std::string final;
  bool operator==(const CpuAffinity&) const = default;
};

struct Process {
  bool terminal = false;
  std::optional<ConsoleSize> console_size;
  User user;
  std::vector<std::string> args;
  std::string command_line;  // Windows alone uses it
  std::vector<std::string> env;
  std::string cwd;
  std::optional<Capabilities> capabilities;  // absent: none at all, as runc reads it
  std::vector<Rlimit> rlimits;
  bool no_new_privileges = false;
  std::string apparmor_profile;
  std::string selinux_label;
  std::optional<int32_t> oom_score_adj;  // absent: inherited
  std::optional<IoPriority> io_priority;
  std::optional<Scheduler> scheduler;
  std::optional<CpuAffinity> exec_cpu_affinity;
  bool operator==(const Process&) const = default;
};

// config.md "POSIX-platform Hooks".
struct Hook {
  std::string path;
  std::vector<std::string> args;   // argv, with argv[0]; empty: {path}
  std::vector<std::string> env;    // absent: an empty environment
  std::optional<int64_t> timeout;  // seconds, at least 1; absent: none
  bool operator==(const Hook&) const = default;
};

struct Hooks {
  std::vector<Hook> prestart;
  std::vector<Hook> create_runtime;
  std::vector<Hook> create_container;
  std::vector<Hook> start_container;
  std::vector<Hook> poststart;
  std::vector<Hook> poststop;
  bool operator==(const Hooks&) const = default;
};

// config-linux.md "Namespaces".
enum class NamespaceType { mount, pid, network, uts, ipc, user, cgroup, time };

struct Namespace {
  NamespaceType type = NamespaceType::mount;
  std::string path;  // of one to join; empty: a new one
  bool operator==(const Namespace&) const = default;
};

// config-linux.md "Devices". The letter of the config is the enumerator's value; u is an unbuffered character device.
enum class DeviceType : char { all = 'a', block = 'b', character = 'c', unbuffered = 'u', fifo = 'p' };

struct Device {
  DeviceType type = DeviceType::character;  // never `all`
  std::string path;
  int64_t major = 0;
  int64_t minor = 0;
  std::optional<uint32_t> file_mode;  // permission bits; absent: the runtime's default
  std::optional<uint32_t> uid;
  std::optional<uint32_t> gid;
  bool operator==(const Device&) const = default;
};

struct NetDevice {
  std::string name;  // in the container; empty: as on the host
  bool operator==(const NetDevice&) const = default;
};

// config-linux.md "Allowed Device list". Applied in order; the last rule that matches counts.
struct DeviceRule {
  bool allow = false;
  DeviceType type = DeviceType::all;  // all, block or character
  std::optional<int64_t> major;       // absent or -1: any
  std::optional<int64_t> minor;
  std::string access;  // letters of "rwm"; empty: all three
  bool operator==(const DeviceRule&) const = default;
};

// config-linux.md "Memory". Bytes; -1 lifts a limit.
struct Memory {
  std::optional<int64_t> limit;
  std::optional<int64_t> reservation;
  std::optional<int64_t> swap;  // memory and swap together, as cgroup v1 counts
  std::optional<int64_t> kernel;
  std::optional<int64_t> kernel_tcp;
  std::optional<uint64_t> swappiness;
  std::optional<bool> disable_oom_killer;
  std::optional<bool> use_hierarchy;
  bool check_before_update = false;
  bool operator==(const Memory&) const = default;
};

// config-linux.md "CPU". Times in microseconds.
struct Cpu {
  std::optional<uint64_t> shares;
  std::optional<int64_t> quota;  // -1: no limit
  std::optional<uint64_t> burst;
  std::optional<uint64_t> period;
  std::optional<int64_t> realtime_runtime;
  std::optional<uint64_t> realtime_period;
  std::string cpus;
  std::string mems;
  std::optional<int64_t> idle;
  bool operator==(const Cpu&) const = default;
};

struct BlockIoWeight {
  int64_t major = 0;
  int64_t minor = 0;
  std::optional<uint16_t> weight;
  std::optional<uint16_t> leaf_weight;
  bool operator==(const BlockIoWeight&) const = default;
};

struct BlockIoThrottle {
  int64_t major = 0;
  int64_t minor = 0;
  uint64_t rate = 0;  // bytes or operations per second
  bool operator==(const BlockIoThrottle&) const = default;
};

// config-linux.md "Block IO".
struct BlockIo {
  std::optional<uint16_t> weight;
  std::optional<uint16_t> leaf_weight;
  std::vector<BlockIoWeight> weight_devices;
  std::vector<BlockIoThrottle> read_bps;
  std::vector<BlockIoThrottle> write_bps;
  std::vector<BlockIoThrottle> read_iops;
  std::vector<BlockIoThrottle> write_iops;
  bool operator==(const BlockIo&) const = default;
};

struct HugepageLimit {
  std::string page_size;  // "2MB"
  uint64_t limit = 0;     // bytes
  bool operator==(const HugepageLimit&) const = default;
};

struct InterfacePriority {
  std::string name;
  uint32_t priority = 0;
  bool operator==(const InterfacePriority&) const = default;
};

// config-linux.md "Network": cgroup v1 alone has these.
struct NetworkClasses {
  std::optional<uint32_t> class_id;
  std::vector<InterfacePriority> priorities;
  bool operator==(const NetworkClasses&) const = default;
};

struct Rdma {
  std::optional<uint32_t> hca_handles;
  std::optional<uint32_t> hca_objects;
  bool operator==(const Rdma&) const = default;
};

// config-linux.md "Control groups".
struct Resources {
  std::vector<DeviceRule> devices;
  std::optional<Memory> memory;
  std::optional<Cpu> cpu;
  std::optional<int64_t> pids_limit;  // -1 (and 0, as runc reads it): no limit
  std::optional<BlockIo> block_io;
  std::vector<HugepageLimit> hugepage_limits;
  std::optional<NetworkClasses> network;
  std::map<std::string, Rdma> rdma;  // by device
  StringMap unified;                 // cgroup v2 file -> content
  bool operator==(const Resources&) const = default;
};

// config-linux.md "Seccomp".
enum class SeccompAction { kill, kill_process, kill_thread, trap, error_number, trace, allow, log, notify };
enum class SeccompOperator { not_equal, less, less_equal, equal, greater_equal, greater, masked_equal };
enum class SeccompFlag { tsync, log, spec_allow, wait_killable_recv };
enum class SeccompArch {
  x86,
  x86_64,
  x32,
  arm,
  aarch64,
  loongarch64,
  m68k,
  mips,
  mips64,
  mips64n32,
  mipsel,
  mipsel64,
  mipsel64n32,
  ppc,
  ppc64,
  ppc64le,
  s390,
  s390x,
  sh,
  sheb,
  parisc,
  parisc64,
  riscv64,
};

struct SyscallArg {
  uint32_t index = 0;  // 0 to 5
  uint64_t value = 0;
  uint64_t value_two = 0;  // for masked_equal: what the argument, masked by `value`, must equal
  SeccompOperator op = SeccompOperator::equal;
  bool operator==(const SyscallArg&) const = default;
};

struct SyscallRule {
  std::vector<std::string> names;
  SeccompAction action = SeccompAction::allow;
  std::optional<uint32_t> errno_ret;  // absent: EPERM
  std::vector<SyscallArg> args;
  bool operator==(const SyscallRule&) const = default;
};

struct Seccomp {
  SeccompAction default_action = SeccompAction::error_number;
  std::optional<uint32_t> default_errno_ret;
  std::optional<std::vector<SeccompFlag>> flags;  // absent: the runtime's choice; empty: none
  std::string listener_path;
  std::string listener_metadata;
  std::vector<SeccompArch> architectures;
  std::vector<SyscallRule> syscalls;
  bool operator==(const Seccomp&) const = default;
};

// config-linux.md "Rootfs Mount Propagation"; those of all mounts below the root too are what engines send ("rslave").
enum class Propagation {
  private_,
  shared,
  slave,
  unbindable,
  recursive_private,
  recursive_shared,
  recursive_slave,
  recursive_unbindable,
};

// config-linux.md "IntelRdt".
struct IntelRdt {
  std::string clos_id;
  std::vector<std::string> schemata;
  std::string l3_cache_schema;
  std::string mem_bw_schema;
  bool enable_monitoring = false;
  bool operator==(const IntelRdt&) const = default;
};

enum class MemoryPolicyMode { default_, bind, interleave, weighted_interleave, preferred, preferred_many, local };
enum class MemoryPolicyFlag { numa_balancing, relative_nodes, static_nodes };

struct MemoryPolicy {
  MemoryPolicyMode mode = MemoryPolicyMode::default_;
  std::string nodes;
  std::vector<MemoryPolicyFlag> flags;
  bool operator==(const MemoryPolicy&) const = default;
};

enum class PersonalityDomain { linux64, linux32 };  // "LINUX", "LINUX32"

struct Personality {
  PersonalityDomain domain = PersonalityDomain::linux64;
  std::vector<std::string> flags;
  bool operator==(const Personality&) const = default;
};

struct TimeOffset {
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;
  bool operator==(const TimeOffset&) const = default;
};

struct TimeOffsets {
  std::optional<TimeOffset> boottime;
  std::optional<TimeOffset> monotonic;
  bool operator==(const TimeOffsets&) const = default;
};

struct Linux {
  std::vector<Namespace> namespaces;
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
  std::vector<Device> devices;
  std::map<std::string, NetDevice> net_devices;  // by the host's name
  std::string cgroups_path;
  Resources resources;
  std::optional<Propagation> rootfs_propagation;
  std::optional<Seccomp> seccomp;
  StringMap sysctl;
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  std::string mount_label;
  std::optional<IntelRdt> intel_rdt;
  std::optional<MemoryPolicy> memory_policy;
  std::optional<Personality> personality;
  std::optional<TimeOffsets> time_offsets;
  bool operator==(const Linux&) const = default;

  // The entry of that type, or nullptr: then the container stays in the caller's namespace.
  const Namespace* find_namespace(NamespaceType type) const noexcept {
    for (const Namespace& entry : namespaces) {
      if (entry.type == type) return &entry;
    }
    return nullptr;
  }
};

struct Spec {
  std::string oci_version;
  std::string hostname;
  std::string domainname;
  Root root;
  std::vector<Mount> mounts;
  std::optional<Process> process;
  Hooks hooks;
  StringMap annotations;
  Linux linux;
  // Names of the sections for other platforms that the file holds ("windows", "vm"): validate() refuses them.
  std::vector<std::string> foreign_platforms;
  bool operator==(const Spec&) const = default;
};

// runtime.md "State".
enum class Status { creating, created, running, stopped };

struct State {
  std::string oci_version{kVersion};
  std::string id;
  Status status = Status::creating;
  std::optional<int64_t> pid;  // in the runtime's pid namespace; required by the spec while created or running
  std::string bundle;          // absolute
  StringMap annotations;
  bool operator==(const State&) const = default;
};

}  // namespace crun::spec
