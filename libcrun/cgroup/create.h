// Making a cgroup: folders, controllers handed down, limits written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/dir.h"
#include "base/rollback.h"
#include "libcrun/cgroup/hierarchy.h"
#include "libcrun/cgroup/settings.h"

namespace crun::cgroup {

// Makes the folders of `path` and gives the last, which is new and empty. Each that is made here is taken back by
// `rollback`. Throws Error{busy} where the last one is there and holds processes.
Dir make_folders(const Hierarchy& hierarchy, const std::string& path, Rollback& rollback);

// Makes every controller that `settings` needs available in the cgroup at `path`, and those for statistics where that
// is free for the asking. Throws Error{unsupported} naming limit and controller.
void hand_controllers_down(const Hierarchy& hierarchy, const std::string& path, const Dir& cgroup,
                           const Settings& settings);

// Throws Error{unsupported} where a file is missing, SysError where the kernel refuses a value; both name the limit.
void write_settings(const Dir& cgroup, const std::string& path, const Settings& settings);

}  // namespace crun::cgroup
