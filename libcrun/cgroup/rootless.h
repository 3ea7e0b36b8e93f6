#pragma once

namespace crun::cgroup {

// Whether we are anybody but the machine's root: another user, or root of a user namespace alone.
bool is_rootless();

}  // namespace crun::cgroup
