#include "libcrun/rootfs/host_binds.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

namespace crun::rootfs {
namespace {

// The whole tree: a part of one whose mounts came from another user namespace cannot be shown alone
// (mount_namespaces(7), "Restrictions").
constexpr unsigned kClone = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;

// The hierarchies of a host with cgroup v2 alone, and with both.
constexpr const char* kCgroupFolders[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

const char* host_folder(const MountStep& step) noexcept {
  if (step.type == "sysfs") return "/sys";
  for (const char* folder : kCgroupFolders) {
    struct statfs status {};
    if (statfs(folder, &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC) return folder;
  }
  return kCgroupFolders[0];
}

int move(int mount, int target) noexcept {
  return move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0 ? 0 : -errno;
}

}  // namespace

int bind_device(int folder, const DeviceStep& step) noexcept {
  int source = open_tree(AT_FDCWD, step.path.c_str(), kClone | AT_SYMLINK_NOFOLLOW);
  if (source < 0) return -errno;
  Fd source_owner(source);
  struct stat status {};
  if (fstat(source, &status) != 0) return -errno;
  if ((status.st_mode & S_IFMT) != (step.mode & S_IFMT) || status.st_rdev != step.device) return -ENODEV;
  int made = openat(folder, step.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (made < 0) return -errno;
  Fd made_owner(made);
  int target = openat(folder, step.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (target < 0) return -errno;
  Fd target_owner(target);
  return move(source, target);
}

bool can_bind_host(const MountStep& step) noexcept { return step.type == "sysfs" || step.type == "cgroup2"; }

int bind_host(const MountStep& step, int target) noexcept {
  int tree = open_tree(AT_FDCWD, host_folder(step), kClone | AT_RECURSIVE);
  if (tree < 0) return -errno;
  Fd owner(tree);
  int error = set_attributes(tree, step.top, true);
  for (const Propagation& propagation : step.propagation) {
    if (error == 0) error = set_propagation(tree, propagation);
  }
  return error == 0 ? move(tree, target) : error;
}

}  // namespace crun::rootfs
