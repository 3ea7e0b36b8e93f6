#include "libcrun/rootfs/mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "crun/error.h"
#include "libcrun/rootfs/copy_up.h"
#include "libcrun/spec/rules.h"

namespace crun::rootfs {
namespace {

struct OldFlag {
  uint64_t attribute;
  unsigned long flag;
};
constexpr OldFlag kOldFlags[] = {
    {MOUNT_ATTR_RDONLY, MS_RDONLY},           {MOUNT_ATTR_NOSUID, MS_NOSUID},         {MOUNT_ATTR_NODEV, MS_NODEV},
    {MOUNT_ATTR_NOEXEC, MS_NOEXEC},           {MOUNT_ATTR_NODIRATIME, MS_NODIRATIME}, {MOUNT_ATTR_NOATIME, MS_NOATIME},
    {MOUNT_ATTR_STRICTATIME, MS_STRICTATIME}, {kNoSymlinkFollow, MS_NOSYMFOLLOW},
};

// Of these the kernel keeps one superblock for many, or none of a block device's options: only others are told "ro".
constexpr std::array<std::string_view, 7> kKernelFilesystems = {"proc",   "sysfs",   "tmpfs",  "devpts",
                                                                "mqueue", "cgroup2", "overlay"};

// Of these every file has a label of the kernel's own.
constexpr std::array<std::string_view, 3> kLabelled = {"proc", "sysfs", "cgroup2"};

template <typename List>
bool contains(const List& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

unsigned long old_flags_of(uint64_t attributes) {
  unsigned long flags = 0;
  for (const OldFlag& entry : kOldFlags) {
    if ((attributes & entry.attribute) != 0) flags |= entry.flag;
  }
  return flags;
}

void set_old_form(MountStep& step, const MountOptions& options) {
  step.by_path = options.old_flags != 0;
  step.old_flags = old_flags_of(step.top.set) | options.old_flags;
  step.old_flags_cleared = old_flags_of(step.top.clear);
  for (const Parameter& parameter : step.parameters) {
    if (parameter.old_flag) {
      step.old_flags |= *parameter.old_flag;
      continue;
    }
    if (!step.old_data.empty()) step.old_data += ',';
    step.old_data += parameter.key;
    // A label holds commas of its own (mount(8), "context=").
    bool quoted = parameter.value.find(',') != std::string::npos;
    if (!parameter.is_flag) step.old_data += (quoted ? "=\"" : "=") + parameter.value + (quoted ? "\"" : "");
  }
}

void map_ids(const MountStep& step) {
  if (step.id_map < 0) return;
  int error = set_id_map(step.tree.get(), step.id_map, step.recursive_id_map);
  if (error == 0) return;
  std::string why = error == -EINVAL   ? " (its file system, or one below it, does not take id mappings)"
                    : error == -ENOSYS ? " (id-mapped mounts need Linux 5.12)"
                                       : "";
  throw SysError(-error, "mapping the ids of " + step.source + " for " + step.target + why);
}

void apply_in_parent(MountStep& step, const MountContext& context) {
  // Else what is mounted into the clone would appear on the host.
  int error = context.shared_root ? 0 : set_propagation(step.tree.get(), {MS_SLAVE, true});
  if (error == 0) error = set_options(step.tree.get(), step);
  if (error == 0) return map_ids(step);
  if (error != -ENOSYS) throw SysError(-error, "setting the options of " + step.source + " for " + step.target);
  // Before Linux 5.12: the child binds by path and remounts. What mount(2) cannot do is not left out in silence.
  if (!step.recursive.empty() || step.id_map >= 0) {
    throw SysError(ENOSYS, "setting recursive options or id mappings of " + step.source + " for " + step.target +
                               " (mount_setattr needs Linux 5.12)");
  }
  step.tree.reset();
}

// A relative source is below the bundle.
std::string source_path(const MountStep& step, const MountContext& context) {
  if (step.source.empty()) throw Error(ErrorKind::invalid, "bind mount on " + step.target + " names no source");
  return step.source.front() == '/' ? step.source : context.bundle + "/" + step.source;
}

void plan_bind(MountStep& step, const MountOptions& options, const MountContext& context) {
  step.source = source_path(step, context);
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

// A bind mount whose source is a symlink: the container gets the link. Nothing where it is none.
bool plan_link(MountStep& step, const MountContext& context) {
  std::string path = source_path(step, context);
  char text[PATH_MAX];
  ssize_t length = readlink(path.c_str(), text, sizeof text);
  if (length < 0 || length == static_cast<ssize_t>(sizeof text)) return false;
  step.kind = MountKind::link;
  step.source.assign(text, static_cast<size_t>(length));
  std::string target = spec::lexically_normal(step.target);
  size_t slash = target.rfind('/');
  step.link_folder = target.substr(0, slash + 1);
  step.link_name = target.substr(slash + 1);
  return true;
}

bool has_parameter(const MountStep& step, std::string_view key) {
  return std::any_of(step.parameters.begin(), step.parameters.end(),
                     [key](const Parameter& parameter) { return parameter.key == key; });
}

// As runc: context= for all files of a file system; older kernels take none for mqueue.
void plan_label(MountStep& step, const std::string& label) {
  if (label.empty() || contains(kLabelled, step.type) || has_parameter(step, "context")) return;
  if (step.type == "mqueue") {
    step.label = label;
  } else {
    step.parameters.push_back({"context", label, false, std::nullopt});
  }
}

void plan_filesystem(MountStep& step, const MountOptions& options, const MountContext& context) {
  if (step.type == "cgroup") {
    // The container's hierarchy is always cgroup2, and that has no options of v1's.
    step.type = "cgroup2";
    step.parameters.clear();
  }
  if (step.type == "proc" || step.type == "sysfs") step.no_symlinks = true;
  if (!contains(kKernelFilesystems, step.type) && (step.top.set & MOUNT_ATTR_RDONLY) != 0) {
    step.parameters.push_back({"ro", "", true, MS_RDONLY});
  }
  plan_label(step, context.mount_label);
  step.inherit_mode = step.type == "tmpfs" && !has_parameter(step, "mode");
  if (options.copy_up && step.type == "tmpfs") copy_up(step, context);
}

// Whether what is bound on /proc is a procfs is seen only here; the rest is the spec's own rule.
void check_destination(const spec::Mount& mount, const std::string& path) {
  spec::check_proc_destination("mount", mount);
  struct statfs status {};
  bool of_procfs =
      mount.type == "proc" || (statfs(mount.source.c_str(), &status) == 0 && status.f_type == PROC_SUPER_MAGIC);
  if (path == "/proc" && !of_procfs) {
    throw Error(ErrorKind::invalid, "mount on /proc: only a procfs may be mounted there, not " + mount.source);
  }
}

void plan_id_map(MountStep& step, const spec::Mount& mount, const IdMapRequest& request, const MountContext& context) {
  bool has_own = !mount.uid_mappings.empty() || !mount.gid_mappings.empty();
  if ((!request.wanted && !has_own) || context.id_maps == nullptr) return;
  step.id_map = context.id_maps->find(mount, request);
  step.recursive_id_map = request.recursive;
}

MountStep plan_mount(const spec::Mount& mount, const MountContext& context) {
  std::string path = spec::lexically_normal(mount.destination);
  if (path == "/" || path == "/proc" || path.rfind("/proc/", 0) == 0) check_destination(mount, path);
  MountOptions options = parse_mount_options(mount.options);
  MountStep step;
  step.target = mount.destination;
  step.type = mount.type;
  step.source = mount.source;
  step.parameters = std::move(options.parameters);
  step.top = options.top;
  step.recursive = options.recursive;
  step.propagation = options.propagation;
  step.no_symlinks = path == "/dev";
  step.below_proc = path.rfind("/proc/", 0) == 0;
  plan_id_map(step, mount, options.id_map, context);
  bool is_bind = options.bind || mount.type == "bind";
  if (options.remount) {
    step.kind = MountKind::remount;
    if (is_bind) step.parameters.clear();  // this mount alone, not its file system (mount(8))
  } else if (!is_bind) {
    plan_filesystem(step, options, context);
  } else if (!options.copy_link || !plan_link(step, context)) {
    plan_bind(step, options, context);
  }
  set_old_form(step, options);
  return step;
}

}  // namespace

std::vector<MountStep> plan_mounts(const std::vector<spec::Mount>& mounts, const MountContext& context) {
  std::vector<MountStep> steps;
  steps.reserve(mounts.size());
  for (const spec::Mount& mount : mounts) steps.push_back(plan_mount(mount, context));
  return steps;
}

}  // namespace crun::rootfs
