// "user[:group]" -> numbers, by the rootfs's own /etc/passwd and /etc/group: read by openat2, as text, bounded; never
// by NSS, whose modules would come from the container.
#pragma once

#include "base/dir.h"
#include "engine/spec/generate.h"

namespace crun::engine {

// user: "name", "1000", "name:group", "1000:1000", "" for root. As docker: a name in the files wins over the same
// digits as a number; a number need not be in the files; with a group given there are no supplementary ones but that.
// Throws Error{invalid}: unknown names, numbers beyond 2147483647, malformed texts, files of more than 4 MiB or that
// are not regular files.
ResolvedUser resolve_user(const Dir& rootfs, const std::string& user);

// The same by the files' texts.
ResolvedUser resolve_user(const std::string& passwd, const std::string& group, const std::string& user);

}  // namespace crun::engine
