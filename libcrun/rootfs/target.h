// Where in a container's root something is mounted or made. In the child: nothing is allocated, nothing thrown.
// Every path is walked by openat2(2) below the root's fd, so a symlink of the image, or one that another process swaps
// in meanwhile, leads nowhere but into the root (CVE-2021-30465, CVE-2024-45310).
#pragma once

#include <cstdint>

namespace crun::rootfs {

enum class TargetKind { folder, file };

struct TargetRequest {
  const char* path;  // below the root; a leading slash means the root
  TargetKind kind = TargetKind::folder;
  bool no_symlinks = false;  // -ELOOP for any on the way: /proc and /sys must be where their masks will look for them
};

// Opens it (O_PATH), made with its missing parents where it does not exist: folders 0755, files 0644 (less the umask,
// which is 0 in the child). Dangling symlinks are followed as if they had been resolved first. Gives an fd or -errno.
int open_or_make_target(int root, const TargetRequest& request) noexcept;

// Opens what is there (O_PATH). -ENOENT, -ENOTDIR where nothing is.
int open_target(int root, const char* path, bool no_symlinks) noexcept;

}  // namespace crun::rootfs
