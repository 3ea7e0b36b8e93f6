// createContainer and startContainer hooks: they run in the container's namespaces (config.md "POSIX-platform Hooks").
// Before the root is changed, paths are the runtime's; after it, the container's: both follow from the mount namespace.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libcrun/spec/spec.h"

namespace crun::container {

// pidfd: of the container's first process; namespaces: its own (ns::namespaces_of). Throws Error{system} for the first
// hook that fails.
void run_in_container(std::string_view kind, const std::vector<spec::Hook>& hooks, const std::string& state, int pidfd,
                      unsigned namespaces);

}  // namespace crun::container
