// The root changed without pivot_root(2), which refuses an initramfs as the old root (runc's --no-pivot): it is moved
// over "/", and what lay there stays below it in the mount namespace, out of reach by any path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crun::rootfs {

// Mount points of procfs and sysfs in the text of a mountinfo, but not those at or below `root`. As long as one of them
// is in the namespace, a container with a user namespace of its own might mount another without the host's masks.
std::vector<std::string> kernel_mounts(std::string_view mountinfo, std::string_view root);

// In the child: 0 or -errno. hidden: kernel_mounts(), detached first; one that is locked is covered.
int move_root(int root, const std::vector<std::string>& hidden) noexcept;

}  // namespace crun::rootfs
