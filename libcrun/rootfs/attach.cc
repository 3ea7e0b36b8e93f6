// The child's half of mounts.h: no allocation, no exception.
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "libcrun/rootfs/copy_up.h"
#include "libcrun/rootfs/host_binds.h"
#include "libcrun/rootfs/mount_by_path.h"
#include "libcrun/rootfs/mounts.h"
#include "libcrun/syscall/fd_path.h"

namespace crun::rootfs {
namespace {

int change(int mount, mount_attr attributes, bool recursive) noexcept {
  unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U);
  return mount_setattr(mount, "", flags, &attributes, sizeof attributes) == 0 ? 0 : -errno;
}

int move(int mount, int target) noexcept {
  return move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0 ? 0 : -errno;
}

// A closed fd in a function that must not throw; Fd's destructor does the same.
Fd adopt(int fd) noexcept { return Fd(fd < 0 ? -1 : fd); }

struct ModeText {
  char text[8];
  explicit ModeText(mode_t mode) noexcept {
    for (int digit = 0; digit < 4; ++digit) text[digit] = static_cast<char>('0' + ((mode >> (9 - 3 * digit)) & 7));
    text[4] = '\0';
  }
};

int set_parameters(int context, const MountStep& step) noexcept {
  for (const Parameter& parameter : step.parameters) {
    unsigned command = parameter.is_flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    const char* value = parameter.is_flag ? nullptr : parameter.value.c_str();
    if (fsconfig(context, command, parameter.key.c_str(), value, 0) != 0) return -errno;
  }
  return 0;
}

int configure(int context, const MountStep& step, int target) noexcept {
  if (!step.source.empty() && fsconfig(context, FSCONFIG_SET_STRING, "source", step.source.c_str(), 0) != 0) {
    return -errno;
  }
  int error = set_parameters(context, step);
  if (error != 0) return error;
  if (step.inherit_mode) {
    struct stat covered {};
    if (fstat(target, &covered) != 0) return -errno;
    if (fsconfig(context, FSCONFIG_SET_STRING, "mode", ModeText(covered.st_mode & 07777).text, 0) != 0) return -errno;
  }
  return fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0 ? 0 : -errno;
}

int set_recursive_and_propagation(int mount, const MountStep& step) noexcept {
  int error = step.recursive.empty() ? 0 : set_attributes(mount, step.recursive, true);
  for (const Propagation& propagation : step.propagation) {
    if (error == 0) error = set_propagation(mount, propagation);
  }
  return error;
}

// fsmount's fd takes no fsetxattr(2).
int set_label(int mount, const std::string& label) noexcept {
  syscall::FdPath path(mount);
  return setxattr(path.text, "security.selinux", label.c_str(), label.size() + 1, 0) == 0 ? 0 : -errno;
}

int make_filesystem(const MountStep& step, int target) noexcept {
  Fd context = adopt(fsopen(step.type.c_str(), FSOPEN_CLOEXEC));
  if (!context) return -errno;
  int error = configure(context.get(), step, target);
  if (error != 0) return error;
  uint64_t attributes = step.copies_up ? 0 : step.top.set;
  Fd mount = adopt(fsmount(context.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes)));
  if (!mount) return -errno;
  if (step.copies_up) error = copy_up_into(mount.get(), target);
  if (error == 0 && step.copies_up && !step.top.empty()) error = set_attributes(mount.get(), step.top, false);
  if (error != 0) return error;
  error = set_recursive_and_propagation(mount.get(), step);
  if (error == 0 && !step.label.empty()) error = set_label(mount.get(), step.label);
  if (error == 0 && step.id_map >= 0) error = set_id_map(mount.get(), step.id_map, step.recursive_id_map);
  return error == 0 ? move(mount.get(), target) : error;
}

// A link of the image may lead to /proc where the destination's letters did not.
bool hides_proc(const MountStep& step, int target) noexcept {
  struct statfs status {};
  return !step.below_proc && fstatfs(target, &status) == 0 && status.f_type == PROC_SUPER_MAGIC && step.type != "proc";
}

// mount(8), remount: its file system is told what is for that, and keeps the rest.
int reconfigure(const MountStep& step, int target) noexcept {
  if (step.parameters.empty() && !step.by_path) return 0;
  if (step.by_path) return remount_by_path(step, target);
  Fd context = adopt(fspick(target, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH));
  if (!context) return errno == ENOSYS ? remount_by_path(step, target) : -errno;
  int error = set_parameters(context.get(), step);
  if (error != 0) return error;
  return fsconfig(context.get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0) == 0 ? 0 : -errno;
}

int change_mounted(const MountStep& step, int target) noexcept {
  int error = reconfigure(step, target);
  if (error == 0) error = set_options(target, step);
  return error == -ENOSYS && step.recursive.empty() ? set_options_by_path(step, target) : error;
}

// One that is there already must be the same.
int make_link(const MountStep& step, int root) noexcept {
  Fd folder = adopt(open_or_make_target(root, TargetRequest{step.link_folder.c_str()}));
  if (!folder) return -ENOENT;
  if (symlinkat(step.source.c_str(), folder.get(), step.link_name.c_str()) == 0) return 0;
  if (errno != EEXIST) return -errno;
  char text[PATH_MAX];
  ssize_t length = readlinkat(folder.get(), step.link_name.c_str(), text, sizeof text);
  bool same =
      length == static_cast<ssize_t>(step.source.size()) && memcmp(text, step.source.data(), step.source.size()) == 0;
  return same ? 0 : -EEXIST;
}

int attach_tree(const MountStep& step, int root, int target) noexcept {
  if (!step.tree) return bind_by_path(step, root, target);
  int error = move(step.tree.get(), target);
  return error == 0 && step.options_by_path ? set_new_options_by_path(step, root) : error;
}

int attach_filesystem(const MountStep& step, int root, int target) noexcept {
  int error = step.by_path ? -ENOSYS : make_filesystem(step, target);
  if (error == -EPERM && can_bind_host(step)) return bind_host(step, target);
  // mount(2) has neither.
  if (step.id_map >= 0 || !step.recursive.empty()) return error;
  return needs_mount_by_path(error) ? mount_by_path(step, root, target) : error;
}

}  // namespace

int set_attributes(int mount, const Attributes& attributes, bool recursive) noexcept {
  mount_attr change_to{};
  change_to.attr_set = attributes.set;
  change_to.attr_clr = attributes.clear;
  return change(mount, change_to, recursive);
}

int set_propagation(int mount, const Propagation& propagation) noexcept {
  mount_attr change_to{};
  change_to.propagation = propagation.kind;
  return change(mount, change_to, propagation.recursive);
}

int set_options(int mount, const MountStep& step) noexcept {
  int error = step.top.empty() ? 0 : set_attributes(mount, step.top, false);
  return error == 0 ? set_recursive_and_propagation(mount, step) : error;
}

int bind_onto(int source, int target) noexcept {
  Fd clone = adopt(open_tree(source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
  if (clone) return move(clone.get(), target);
  return errno == ENOSYS || errno == EPERM ? bind_onto_by_path(source, target) : -errno;
}

int attach_mount(int root, const MountStep& step) noexcept {
  if (step.kind == MountKind::link) return make_link(step, root);
  int target = open_or_make_target(root, TargetRequest{step.target.c_str(), step.target_kind, step.no_symlinks});
  if (target < 0) return target;
  Fd owner = adopt(target);
  if (hides_proc(step, target)) return -EXDEV;
  if (step.kind == MountKind::remount) return change_mounted(step, target);
  return step.kind == MountKind::tree ? attach_tree(step, root, target) : attach_filesystem(step, root, target);
}

}  // namespace crun::rootfs
