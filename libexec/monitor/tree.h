// Removing what a container leaves, without a heap.
#pragma once

namespace crun::monitor {

// Removes `name` below `parent` and all in it. Never follows a symlink or crosses into another mount. Gives 0, or the
// -errno of what it could not remove; what is nested deeper than 64 folders stays (-ELOOP): the next `ctr` takes it.
long remove_tree(int parent, const char* name) noexcept;

// Removes a cgroup with its children. Kills what is still in it, and waits for that a bounded time.
long remove_cgroup(int parent, const char* name) noexcept;

}  // namespace crun::monitor
