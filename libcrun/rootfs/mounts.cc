#include "libcrun/rootfs/mounts.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "crun/error.h"
#include "libcrun/rootfs/copy_up.h"

namespace crun::rootfs {
namespace {

struct OldFlag {
  uint64_t attribute;
  unsigned long flag;
};
constexpr OldFlag kOldFlags[] = {
    {MOUNT_ATTR_RDONLY, MS_RDONLY},           {MOUNT_ATTR_NOSUID, MS_NOSUID},         {MOUNT_ATTR_NODEV, MS_NODEV},
    {MOUNT_ATTR_NOEXEC, MS_NOEXEC},           {MOUNT_ATTR_NODIRATIME, MS_NODIRATIME}, {MOUNT_ATTR_NOATIME, MS_NOATIME},
    {MOUNT_ATTR_STRICTATIME, MS_STRICTATIME},
};

// Of these the kernel keeps one superblock for many, or none of a block device's options: only others are told "ro".
constexpr std::array<std::string_view, 7> kKernelFilesystems = {"proc",   "sysfs",   "tmpfs",  "devpts",
                                                                "mqueue", "cgroup2", "overlay"};

// What lxcfs and its like may cover below /proc: files that only inform (runc and crun allow the same).
constexpr std::array<std::string_view, 11> kProcFiles = {
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/uptime",
    "/proc/loadavg",
    "/proc/slabinfo",
    "/proc/net/dev",
    "/proc/sys/kernel/ns_last_pid",
    "/proc/sys/crypto/fips_enabled",
};

template <typename List>
bool contains(const List& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// "/a//b/../c" -> "/a/c": by the letters alone, as the kernel will not be asked before the child runs.
std::string cleaned(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    size_t slash = path.find('/');
    std::string_view name = path.substr(0, slash);
    if (name == "..") {
      if (!names.empty()) names.pop_back();
    } else if (!name.empty() && name != ".") {
      names.push_back(name);
    }
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  std::string result;
  for (std::string_view name : names) result.append("/").append(name);
  return result.empty() ? "/" : result;
}

unsigned long old_flags_of(const Attributes& attributes) {
  unsigned long flags = 0;
  for (const OldFlag& entry : kOldFlags) {
    if ((attributes.set & entry.attribute) != 0) flags |= entry.flag;
  }
  return flags;
}

std::string old_data_of(const std::vector<Parameter>& parameters) {
  std::string data;
  for (const Parameter& parameter : parameters) {
    if (!data.empty()) data += ',';
    data += parameter.key;
    if (!parameter.is_flag) data.append("=").append(parameter.value);
  }
  return data;
}

void apply_in_parent(const MountStep& step, const MountContext& context) {
  int error = 0;
  // Else what is mounted into the clone would appear on the host.
  if (!context.shared_root) error = set_propagation(step.tree.get(), {MS_SLAVE, true});
  if (error == 0 && !step.top.empty()) error = set_attributes(step.tree.get(), step.top, false);
  if (error == 0 && !step.recursive.empty()) error = set_attributes(step.tree.get(), step.recursive, true);
  for (const Propagation& propagation : step.propagation) {
    if (error == 0) error = set_propagation(step.tree.get(), propagation);
  }
  if (error != 0) throw SysError(-error, "setting the options of " + step.source + " for " + step.target);
}

void plan_bind(MountStep& step, const MountOptions& options, const MountContext& context) {
  if (step.source.empty()) throw Error(ErrorKind::invalid, "bind mount on " + step.target + " names no source");
  if (step.source.front() != '/') step.source = context.bundle + "/" + step.source;
  step.kind = MountKind::tree;
  step.recursive_bind = options.recursive_bind;
  Fd source(open(step.source.c_str(), O_PATH | O_CLOEXEC));
  if (!source) throw SysError(errno, "opening " + step.source + " to mount it on " + step.target);
  struct stat status {};
  checked(fstat(source.get(), &status), "reading the status of a mount's source");
  step.target_kind = S_ISDIR(status.st_mode) ? TargetKind::folder : TargetKind::file;
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (options.recursive_bind ? AT_RECURSIVE : 0U);
  step.tree.reset(open_tree(source.get(), "", flags));
  if (step.tree) return apply_in_parent(step, context);
  if (errno != ENOSYS && errno != EPERM) throw SysError(errno, "cloning the mount of " + step.source);
}

bool has_parameter(const MountStep& step, std::string_view key) {
  return std::any_of(step.parameters.begin(), step.parameters.end(),
                     [key](const Parameter& parameter) { return parameter.key == key; });
}

void plan_filesystem(MountStep& step, const MountOptions& options, const MountContext& context) {
  if (step.type == "cgroup") {
    // The container's hierarchy is always cgroup2, and that has no options of v1's.
    step.type = "cgroup2";
    step.parameters.clear();
  }
  if (step.type == "proc" || step.type == "sysfs") step.no_symlinks = true;
  if (!contains(kKernelFilesystems, step.type) && (step.top.set & MOUNT_ATTR_RDONLY) != 0) {
    step.parameters.push_back({"ro", "", true});
  }
  step.inherit_mode = step.type == "tmpfs" && !has_parameter(step, "mode");
  if (options.copy_up && step.type == "tmpfs") copy_up(step, context);
}

MountStep plan_mount(const spec::Mount& mount, const MountContext& context) {
  check_destination(mount);
  if (!mount.uid_mappings.empty() || !mount.gid_mappings.empty()) {
    throw Error(ErrorKind::unsupported, "mount on " + mount.destination + ": id mappings are not supported yet");
  }
  MountOptions options = parse_mount_options(mount.options);
  MountStep step;
  step.target = mount.destination;
  step.type = mount.type;
  step.source = mount.source;
  step.parameters = options.parameters;
  step.top = options.top;
  step.recursive = options.recursive;
  step.propagation = options.propagation;
  step.old_flags = old_flags_of(options.top);
  std::string path = cleaned(mount.destination);
  step.no_symlinks = path == "/dev";
  step.below_proc = path.rfind("/proc/", 0) == 0;
  if (options.remount) {
    step.kind = MountKind::remount;
  } else if (options.bind || mount.type == "bind") {
    plan_bind(step, options, context);
  } else {
    plan_filesystem(step, options, context);
  }
  step.old_data = old_data_of(step.parameters);
  return step;
}

}  // namespace

void check_destination(const spec::Mount& mount) {
  std::string path = cleaned(mount.destination);
  if (path == "/") throw Error(ErrorKind::invalid, "mount on " + mount.destination + ": the root itself");
  if (path == "/proc") {
    if (mount.type == "proc") return;
    struct statfs status {};  // of a bind mount's source
    bool of_procfs = statfs(mount.source.c_str(), &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
    if (of_procfs) return;
    throw Error(ErrorKind::invalid, "mount on /proc: only a procfs may be mounted there, not '" + mount.type + "'");
  }
  if (path.rfind("/proc/", 0) == 0 && !contains(kProcFiles, path)) {
    throw Error(ErrorKind::invalid, "mount on " + path + ": would forge what the kernel says below /proc");
  }
}

std::vector<MountStep> plan_mounts(const std::vector<spec::Mount>& mounts, const MountContext& context) {
  std::vector<MountStep> steps;
  steps.reserve(mounts.size());
  for (const spec::Mount& mount : mounts) steps.push_back(plan_mount(mount, context));
  return steps;
}

}  // namespace crun::rootfs
