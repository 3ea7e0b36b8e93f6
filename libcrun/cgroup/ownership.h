// Whose a container's cgroup is (config-linux.md "Cgroup ownership").
#pragma once

#include <sys/types.h>

#include <optional>

#include "libcrun/cgroup/cgroup.h"
#include "libcrun/spec/spec.h"

namespace crun::cgroup {

// The user, as the container counts, who is to own it: its process's, where the container has a cgroup namespace of its
// own and its cgroup2 mounted to be written to; else nobody. Pure.
std::optional<uint32_t> owner_inside(const spec::Spec& spec);

// The folder, and the files in it that the kernel says may be given away (cgroups(7), "Cgroup delegation"). uid: as we
// count. Throws SysError.
void give_away(const Cgroup& cgroup, uid_t uid);

}  // namespace crun::cgroup
