// Masked and read-only paths (config-linux.md "Masked Paths", "Readonly Paths"). In the child; what is not there is
// left out.
#pragma once

#include <string>

#include "crun/fd.h"

namespace crun::rootfs {

// What masks are cloned from, made by the parent: one for all, so a mask costs no superblock. Empty where it may not
// mount: then the child makes each.
struct MaskSource {
  Fd folder;  // an empty, read-only tmpfs, detached
  Fd file;    // the host's /dev/null, checked to be it, detached (CVE-2025-31133: never the container's)
};

MaskSource make_mask_source();  // throws SysError

// Which of the two stands in the container's namespace by now. A kernel clones no mount of another namespace (nor,
// before Linux 6.15, a detached one): the first mask of a kind is the source itself, the others are cloned from it
// there.
struct MaskProgress {
  bool folder_used = false;
  bool file_used = false;
};

// 0 or -errno.
int mask(int root, const MaskSource& source, MaskProgress& progress, const char* path) noexcept;
int make_read_only(int root, const char* path) noexcept;

// The host's /dev/null, checked to be character device 1:3. flags: of open(2). Throws Error{denied} where it is not.
Fd open_dev_null(int flags);

}  // namespace crun::rootfs
