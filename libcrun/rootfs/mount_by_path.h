// mount(2), for kernels and sandboxes without fsopen(2) and its kin. It knows paths alone, so a target goes by its fd's
// link in /proc: the host's, which is still the child's before its root is changed, and is checked to be a procfs.
#pragma once

#include "libcrun/rootfs/mounts.h"

namespace crun::rootfs {

// ENOSYS before Linux 5.2; EPERM from a sandbox's filter, and then mount(2) will say so too; EINVAL from a file system
// that takes its options by mount(2) alone or a text over 255 bytes (overlay's lowerdir).
bool needs_mount_by_path(int error) noexcept;

// In the child; 0 or -errno.
int mount_by_path(const MountStep& step, int root, int target) noexcept;
int bind_by_path(const MountStep& step, int root, int target) noexcept;
int mask_folder_by_path(int target) noexcept;

}  // namespace crun::rootfs
