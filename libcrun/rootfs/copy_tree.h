// A folder's content copied, by descriptors alone: nothing is allocated or thrown, so that the child can do it too.
#pragma once

namespace crun::rootfs {

// All below `from` into the empty folder `to`, and its own owner, mode, times and extended attributes; both are open
// for reading. Sockets are left out, and what a user namespace does not let its root give: device nodes, owners that it
// does not map (and set-id bits with them), others' attributes. Gives 0 or -errno.
int copy_tree(int from, int to) noexcept;

}  // namespace crun::rootfs
