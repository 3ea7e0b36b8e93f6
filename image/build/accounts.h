// --chown: names to numbers, by the files of the root that they are for. Never getpwnam: it would load code and read
// files of the host.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/dir.h"

namespace crun::build {

struct Owner {
  uid_t user = 0;
  gid_t group = 0;
};

// text: "user", "user:group", ":group", each a name or a number up to 2147483647. A user's name without a group takes
// the group that passwd(5) has for it; a number without one is its own group's number, as docker has it. Throws
// Error{invalid}: malformed, or a name that is not in root's /etc/passwd or /etc/group.
Owner parse_owner(const std::string& text, const Dir& root);

}  // namespace crun::build
