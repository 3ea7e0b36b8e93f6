// tmpcopyup: a tmpfs that begins with a copy of the folder it covers.
#pragma once

#include "libcrun/rootfs/mounts.h"

namespace crun::rootfs {

// Makes step.tree in the parent and fills it from the container's root; where that has no such folder the tmpfs is
// empty. Owners, modes, times and extended attributes are kept; sockets are left out. Where we may not mount, the child
// is left to do it in its user namespace (step.copies_up). Throws SysError.
void copy_up(MountStep& step, const MountContext& context);

// In parent and child: fills a new mount from the folder that it will cover. 0 or -errno.
int copy_up_into(int mount, int covered) noexcept;

}  // namespace crun::rootfs
