#include "libcrun/rootfs/hidden_paths.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "crun/error.h"
#include "libcrun/rootfs/mount_by_path.h"
#include "libcrun/rootfs/mounts.h"
#include "libcrun/rootfs/target.h"

namespace crun::rootfs {
namespace {

constexpr uint64_t kMaskAttributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

int move_onto(int source, int target) noexcept {
  return move_mount(source, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0 ? 0 : -errno;
}

int clone_onto(int source, int target, bool recursive, const Attributes& attributes) noexcept {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U);
  int clone = open_tree(source, "", flags);
  if (clone < 0) return -errno;
  Fd owner(clone);
  int error = attributes.empty() ? 0 : set_attributes(clone, attributes, recursive);
  if (error != 0) return error;
  return move_onto(clone, target);
}

bool is_absent(int error) noexcept { return error == -ENOENT || error == -ENOTDIR; }

}  // namespace

Fd open_dev_null(int flags) {
  Fd fd(checked(open("/dev/null", flags | O_CLOEXEC | O_NOFOLLOW), "opening /dev/null"));
  struct stat status {};
  checked(fstat(fd.get(), &status), "reading the status of /dev/null");
  if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3)) {
    throw Error(ErrorKind::denied, "/dev/null is not the null device");
  }
  return fd;
}

namespace {

// Without the right to it in our own user namespace, or in a kernel without the call, the child makes them in its own.
bool is_missing(int error) noexcept { return error == ENOSYS || error == EPERM; }

Fd make_mask_folder() {
  const char* what = "making the file system that masks paths";
  Fd context(fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!context && is_missing(errno)) return {};
  if (!context) throw SysError(errno, what);
  checked(fsconfig(context.get(), FSCONFIG_SET_STRING, "mode", "0555", 0), what);
  checked(fsconfig(context.get(), FSCONFIG_SET_STRING, "size", "0", 0), what);
  checked(fsconfig(context.get(), FSCONFIG_SET_STRING, "nr_inodes", "2", 0), what);
  checked(fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), what);
  return Fd(checked(fsmount(context.get(), FSMOUNT_CLOEXEC, kMaskAttributes), what));
}

// The host's by its path, opened anew: no mount of the parent's namespace can be cloned from here.
int mask_file_by_host(int target) noexcept {
  int null = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (null < 0) return -errno;
  Fd owner(null);
  struct stat status {};
  if (fstat(null, &status) != 0) return -errno;
  if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3)) return -ENODEV;
  return bind_onto(null, target);
}

}  // namespace

MaskSource make_mask_source() {
  MaskSource source;
  source.folder = make_mask_folder();
  Fd null = open_dev_null(O_PATH);
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
  source.file.reset(open_tree(null.get(), "", flags));
  if (!source.file && !is_missing(errno)) throw SysError(errno, "cloning the mount of /dev/null");
  return source;
}

int mask(int root, const MaskSource& source, MaskProgress& progress, const char* path) noexcept {
  int target = open_target(root, path, false);
  if (target < 0) return is_absent(target) ? 0 : target;
  Fd owner(target);
  struct stat status {};
  if (fstat(target, &status) != 0) return -errno;
  if (S_ISDIR(status.st_mode) && !source.folder) return mask_folder_by_path(target);
  if (!S_ISDIR(status.st_mode) && !source.file) return mask_file_by_host(target);
  bool& used = S_ISDIR(status.st_mode) ? progress.folder_used : progress.file_used;
  int from = S_ISDIR(status.st_mode) ? source.folder.get() : source.file.get();
  if (used) return clone_onto(from, target, false, {});
  used = true;
  return move_onto(from, target);
}

int make_read_only(int root, const char* path) noexcept {
  int target = open_target(root, path, false);
  if (target < 0) return is_absent(target) ? 0 : target;
  Fd owner(target);
  int error = clone_onto(target, target, true, {MOUNT_ATTR_RDONLY, 0});
  return error == -ENOSYS ? make_read_only_by_path(root, path, target) : error;
}

}  // namespace crun::rootfs
