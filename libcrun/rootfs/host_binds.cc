#include "libcrun/rootfs/host_binds.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "base/openat2.h"

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

// A place to bind a node on: an empty file, made where nothing is.
int open_place(int folder, const DeviceStep& step) noexcept {
  int made = openat2_raw(folder, step.name.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0666, RESOLVE_BENEATH);
  if (made >= 0) close(made);
  if (made < 0 && made != -EEXIST) return made;
  return openat2_raw(folder, step.name.c_str(), O_PATH | O_NOFOLLOW, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

}  // namespace

int bind_device(int folder, const DeviceStep& step) noexcept {
  int host = open(step.path.c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW);
  if (host < 0) return -errno;
  Fd host_owner(host);
  struct stat status {};
  if (fstat(host, &status) != 0) return -errno;
  if (!is_same_node(status, step)) return -ENODEV;
  int place = open_place(folder, step);
  if (place < 0) return place;
  Fd place_owner(place);
  if (fstat(place, &status) != 0) return -errno;
  if (is_same_node(status, step)) return 0;
  if (!S_ISREG(status.st_mode) || (status.st_size != 0 && !step.replaces)) return -EEXIST;
  return bind_onto(host, place);
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
