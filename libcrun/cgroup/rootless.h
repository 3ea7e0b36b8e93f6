#pragma once

#include "crun/error.h"

namespace crun::cgroup {

// Whether we are anybody but the machine's root: another user, or root of a user namespace alone.
bool is_rootless();

// Whether it is a right to a cgroup that is missing.
bool is_denied(const SysError& error);

}  // namespace crun::cgroup
