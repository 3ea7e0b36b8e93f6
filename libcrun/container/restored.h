// The processes of a checkpoint, brought back by criu into a container whose state and cgroup are there already.
#pragma once

#include "base/child.h"
#include "crun/checkpoint.h"
#include "libcrun/cgroup/cgroup.h"
#include "libcrun/container/state.h"

namespace crun::container {

// criu: the program. cgroup: null where the container has none. Gives the first process, which is our child. Throws as
// Runtime::restore.
Child restore_processes(const std::string& criu, const RestoreRequest& request, const Record& record,
                        const Folder& folder, const cgroup::Cgroup* cgroup);

}  // namespace crun::container
