#include "libcrun/rootfs/mount_by_path.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "libcrun/rootfs/copy_up.h"
#include "libcrun/syscall/fd_path.h"

namespace crun::rootfs {
namespace {

constexpr unsigned long kRecursive = MS_REC;

bool proc_is_procfs() noexcept {
  struct statfs status {};
  return statfs("/proc/self", &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

int mount_at(const char* source, int target, const char* type, unsigned long flags, const char* data) noexcept {
  return mount(source, syscall::FdPath(target).text, type, flags, data) == 0 ? 0 : -errno;
}

struct KeptFlag {
  unsigned long status;
  unsigned long flag;
};
constexpr KeptFlag kKeptFlags[] = {
    {ST_RDONLY, MS_RDONLY},   {ST_NOSUID, MS_NOSUID},         {ST_NODEV, MS_NODEV},       {ST_NOEXEC, MS_NOEXEC},
    {ST_NOATIME, MS_NOATIME}, {ST_NODIRATIME, MS_NODIRATIME}, {ST_RELATIME, MS_RELATIME},
};

// Of a mount, as MS_*. In a user namespace they are locked: a remount without them is refused.
unsigned long flags_of(int mounted) noexcept {
  struct statvfs status {};
  if (fstatvfs(mounted, &status) != 0) return 0;
  unsigned long flags = 0;
  for (const KeptFlag& entry : kKeptFlags) {
    if ((status.f_flag & entry.status) != 0) flags |= entry.flag;
  }
  return flags;
}

int remount_bind(int mounted, unsigned long set, unsigned long clear) noexcept {
  if ((set & (MS_NOATIME | MS_STRICTATIME)) != 0) clear |= MS_RELATIME;
  unsigned long flags = (flags_of(mounted) & ~clear) | set;
  return mount_at(nullptr, mounted, nullptr, MS_REMOUNT | MS_BIND | flags, nullptr);
}

int set_all_propagation(const MountStep& step, int mounted) noexcept {
  int error = 0;
  for (const Propagation& propagation : step.propagation) {
    if (error == 0) error = set_propagation_by_path(mounted, propagation);
  }
  return error;
}

// What the new calls do before a file system is attached. covered: the folder below it.
int finish_new_mount(const MountStep& step, int root, int covered) noexcept {
  Fd mounted(open_target(root, step.target.c_str(), step.no_symlinks));
  if (mounted.get() < 0) return mounted.get();
  struct stat status {};
  if (step.inherit_mode && fstat(covered, &status) != 0) return -errno;
  if (step.inherit_mode && chmod(syscall::FdPath(mounted.get()).text, status.st_mode & 07777) != 0) return -errno;
  int error = step.copies_up ? copy_up_into(mounted.get(), covered) : 0;
  return error == 0 ? set_all_propagation(step, mounted.get()) : error;
}

}  // namespace

bool needs_mount_by_path(int error) noexcept { return error == -ENOSYS || error == -EPERM || error == -EINVAL; }

int mount_by_path(const MountStep& step, int root, int target) noexcept {
  if (!proc_is_procfs()) return -ENOTSUP;
  const char* source = step.source.empty() ? step.type.c_str() : step.source.c_str();
  int error = mount_at(source, target, step.type.c_str(), step.old_flags, step.old_data.c_str());
  if (error != 0 || (step.propagation.empty() && !step.inherit_mode && !step.copies_up)) return error;
  return finish_new_mount(step, root, target);
}

int bind_by_path(const MountStep& step, int root, int target) noexcept {
  if (!proc_is_procfs()) return -ENOTSUP;
  unsigned long flags = MS_BIND | (step.recursive_bind ? kRecursive : 0UL);
  int error = mount_at(step.source.c_str(), target, nullptr, flags, nullptr);
  return error == 0 ? set_new_options_by_path(step, root) : error;
}

int remount_by_path(const MountStep& step, int mounted) noexcept {
  if (!proc_is_procfs()) return -ENOTSUP;
  unsigned long flags = (flags_of(mounted) & ~step.old_flags_cleared) | step.old_flags;
  return mount_at(nullptr, mounted, nullptr, MS_REMOUNT | flags, step.old_data.c_str());
}

int set_options_by_path(const MountStep& step, int mounted) noexcept {
  if (!proc_is_procfs()) return -ENOTSUP;
  int error = step.top.empty() ? 0 : remount_bind(mounted, step.old_flags, step.old_flags_cleared);
  return error == 0 ? set_all_propagation(step, mounted) : error;
}

// The fd names the folder below; what has just been mounted is found by its path anew.
int set_new_options_by_path(const MountStep& step, int root) noexcept {
  Fd mounted(open_target(root, step.target.c_str(), step.no_symlinks));
  return mounted.get() < 0 ? mounted.get() : set_options_by_path(step, mounted.get());
}

int set_propagation_by_path(int mounted, const Propagation& propagation) noexcept {
  if (!proc_is_procfs()) return -ENOTSUP;
  return mount_at(nullptr, mounted, nullptr, propagation.kind | (propagation.recursive ? kRecursive : 0UL), nullptr);
}

int bind_onto_by_path(int source, int target) noexcept {
  if (!proc_is_procfs()) return -ENOTSUP;
  return mount_at(syscall::FdPath(source).text, target, nullptr, MS_BIND | kRecursive, nullptr);
}

int make_read_only_by_path(int root, const char* path, int target) noexcept {
  int error = bind_onto_by_path(target, target);
  if (error != 0) return error;
  Fd mounted(open_target(root, path, false));
  return mounted.get() < 0 ? mounted.get() : set_read_only_by_path(mounted.get());
}

int set_read_only_by_path(int mounted) noexcept {
  return proc_is_procfs() ? remount_bind(mounted, MS_RDONLY, 0) : -ENOTSUP;
}

int mask_folder_by_path(int target) noexcept {
  if (!proc_is_procfs()) return -ENOTSUP;
  constexpr unsigned long kFlags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return mount_at("tmpfs", target, "tmpfs", kFlags, "mode=0555,size=0,nr_inodes=2");
}

}  // namespace crun::rootfs
