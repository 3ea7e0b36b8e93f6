// Where a path leads inside a root once every symlink on it is followed, as chroot(2) would.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/dir.h"

namespace crun::build {

// The path from the root's top without symlinks, `.` and `..`; "" is the top itself. What does not exist yet may be its
// end. It is a name, not a right: use it with Resolve::no_symlinks, so that whoever swaps a folder for a link meanwhile
// gains nothing.
struct PhysicalPath {
  std::string path;
  bool exists = false;
};

// Throws SysError (ELOOP, ENOTDIR where something goes on below a file).
PhysicalPath physical_path(const Dir& root, std::string_view path);

// "a" + "b" is "a/b"; an empty part is left out.
std::string join_path(std::string_view folder, std::string_view name);

// "a/b/c" -> "a/b"; "c" -> "".
std::string parent_of(const std::string& path);

}  // namespace crun::build
