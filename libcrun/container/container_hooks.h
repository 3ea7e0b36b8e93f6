// createContainer and startContainer hooks: they run in the container's namespaces (config.md "POSIX-platform Hooks").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libcrun/container/state.h"
#include "libcrun/spec/spec.h"

namespace crun::container {

// Before the root is changed: paths are the runtime's, and the programs the machine's, with all of our rights. pidfd:
// of the container's first process; namespaces: its own (ns::namespaces_of). Throws Error{system} for the first hook
// that fails.
void run_create_container(const std::vector<spec::Hook>& hooks, const std::string& state, int pidfd,
                          unsigned namespaces);

// After it: paths are the container's, and the programs the image's. They get what the container's process has, and
// nothing more: its user, capabilities, filter, limits and cgroup, as a process of exec does. record: of a container
// that is created, with its spec's text. Throws likewise.
void run_start_container(const std::string& state_root, const Record& record);

}  // namespace crun::container
