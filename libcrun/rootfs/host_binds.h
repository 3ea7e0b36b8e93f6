// What a user namespace's root may not make is bound from the host: device nodes, a sysfs where the network namespace
// is not the container's own, a cgroup2 where the cgroup namespace is not. In the child, while the host's files are
// still there; nothing is allocated, every function gives 0 or -errno.
#pragma once

#include "libcrun/rootfs/devices.h"
#include "libcrun/rootfs/mounts.h"

namespace crun::rootfs {

// The host's node at the step's path, which must be that device, bound onto `name` of `folder`. Its owner and mode are
// the host's.
int bind_device(int folder, const DeviceStep& step) noexcept;

// Whether bind_host() knows where the host has this file system.
bool can_bind_host(const MountStep& step) noexcept;
int bind_host(const MountStep& step, int target) noexcept;

}  // namespace crun::rootfs
