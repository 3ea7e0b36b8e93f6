// tmpcopyup: a tmpfs that begins with a copy of the folder it covers.
#pragma once

#include "libcrun/rootfs/mounts.h"

namespace crun::rootfs {

// Makes step.tree in the parent and fills it from the container's root; where that has no such folder the tmpfs is
// empty. Owners, modes, times and extended attributes are kept; sockets are left out. Throws SysError.
void copy_up(MountStep& step, const MountContext& context);

}  // namespace crun::rootfs
