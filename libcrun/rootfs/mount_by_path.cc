#include "libcrun/rootfs/mount_by_path.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

namespace crun::rootfs {
namespace {

constexpr unsigned long kRecursive = MS_REC;

// "/proc/self/fd/N" without a libc's formatting.
struct FdPath {
  char text[32];
  explicit FdPath(int fd) noexcept {
    char digits[12];
    int count = 0;
    do {
      digits[count++] = static_cast<char>('0' + fd % 10);
      fd /= 10;
    } while (fd > 0);
    char* out = text;
    for (const char* from = "/proc/self/fd/"; *from != '\0'; ++from) *out++ = *from;
    while (count > 0) *out++ = digits[--count];
    *out = '\0';
  }
};

bool proc_is_procfs() noexcept {
  struct statfs status {};
  return statfs("/proc/self", &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

int mount_at(const char* source, int target, const char* type, unsigned long flags, const char* data) noexcept {
  return mount(source, FdPath(target).text, type, flags, data) == 0 ? 0 : -errno;
}

// The fd names the folder below; what has just been mounted is found by its path anew.
int change_new_mount(const MountStep& step, int root, unsigned long flags) noexcept {
  int mounted = open_target(root, step.target.c_str(), step.no_symlinks);
  if (mounted < 0) return mounted;
  int error = 0;
  if (flags != 0) error = mount_at(nullptr, mounted, nullptr, MS_REMOUNT | MS_BIND | flags, nullptr);
  for (const Propagation& propagation : step.propagation) {
    unsigned long kind = propagation.kind | (propagation.recursive ? kRecursive : 0UL);
    if (error == 0) error = mount_at(nullptr, mounted, nullptr, kind, nullptr);
  }
  close(mounted);
  return error;
}

}  // namespace

bool needs_mount_by_path(int error) noexcept { return error == -ENOSYS || error == -EPERM || error == -EINVAL; }

int mount_by_path(const MountStep& step, int root, int target) noexcept {
  if (!proc_is_procfs()) return -ENOTSUP;
  const char* source = step.source.empty() ? step.type.c_str() : step.source.c_str();
  int error = mount_at(source, target, step.type.c_str(), step.old_flags, step.old_data.c_str());
  return error == 0 && !step.propagation.empty() ? change_new_mount(step, root, 0) : error;
}

int bind_by_path(const MountStep& step, int root, int target) noexcept {
  if (!proc_is_procfs()) return -ENOTSUP;
  unsigned long flags = MS_BIND | (step.recursive_bind ? kRecursive : 0UL);
  int error = mount_at(step.source.c_str(), target, nullptr, flags, nullptr);
  return error == 0 ? change_new_mount(step, root, step.old_flags) : error;
}

int mask_folder_by_path(int target) noexcept {
  if (!proc_is_procfs()) return -ENOTSUP;
  constexpr unsigned long kFlags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return mount_at("tmpfs", target, "tmpfs", kFlags, "mode=0555,size=0,nr_inodes=2");
}

}  // namespace crun::rootfs
