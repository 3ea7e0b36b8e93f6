// A user namespace that nobody lives in: what an id-mapped mount takes its mapping from (mount_setattr(2)).
#pragma once

#include <string>
#include <vector>

#include "crun/fd.h"
#include "libcrun/spec/spec.h"

namespace crun::ns {

// Needs CAP_SETUID and CAP_SETGID over the mapped ids. Throws SysError.
Fd make_user_namespace(const std::vector<spec::IdMapping>& uids, const std::vector<spec::IdMapping>& gids);

// What /proc/PID/uid_map and gid_map take: a line each of container id, host id, size (user_namespaces(7)).
std::string id_map_text(const std::vector<spec::IdMapping>& mappings);

}  // namespace crun::ns
