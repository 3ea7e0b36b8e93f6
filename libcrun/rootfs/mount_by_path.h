// mount(2), for kernels and sandboxes without fsopen(2) and its kin, and, before Linux 5.12, without mount_setattr(2).
// It knows paths alone, so a target goes by its fd's
// link in /proc: the host's, which is still the child's before its root is changed, and is checked to be a procfs.
#pragma once

#include "libcrun/rootfs/mounts.h"

namespace crun::rootfs {

// ENOSYS before Linux 5.2; EPERM from a sandbox's filter, and then mount(2) will say so too; EINVAL from a file system
// that takes its options by mount(2) alone or a text over 255 bytes (overlay's lowerdir).
bool needs_mount_by_path(int error) noexcept;

// In the child; 0 or -errno. What a remount does not name it keeps: mount(2) would clear it.
int mount_by_path(const MountStep& step, int root, int target) noexcept;
int bind_by_path(const MountStep& step, int root, int target) noexcept;
int remount_by_path(const MountStep& step, int mounted) noexcept;       // with the file system's own options
int set_options_by_path(const MountStep& step, int mounted) noexcept;   // attributes and propagation alone
int set_new_options_by_path(const MountStep& step, int root) noexcept;  // of what now covers the step's target
int set_propagation_by_path(int mounted, const Propagation& propagation) noexcept;
int make_read_only_by_path(int root, const char* path, int target) noexcept;  // binds it onto itself
int set_read_only_by_path(int mounted) noexcept;
int bind_onto_by_path(int source, int target) noexcept;
int mask_folder_by_path(int target) noexcept;

}  // namespace crun::rootfs
