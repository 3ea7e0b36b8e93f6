// The container's own passwd file: read by the parent, bounded, never by a name service (CVE-2019-14271).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/dir.h"

namespace crun::process {

// The home folder of a user, for HOME. Nothing where the file or the user is missing, or the file is no regular one or
// longer than 1 MiB.
std::optional<std::string> find_home(const Dir& root, uid_t uid);

// The same from the file's text.
std::optional<std::string> find_home_in(std::string_view passwd, uid_t uid);

}  // namespace crun::process
