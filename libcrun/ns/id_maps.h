// The ids of a new user namespace (user_namespaces(7), "User and group ID mappings").
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "libcrun/spec/spec.h"

namespace crun::ns {

struct IdMaps {
  std::vector<spec::IdMapping> uids;
  std::vector<spec::IdMapping> gids;
};

enum class MapWriter {
  us,              // with CAP_SETUID and CAP_SETGID
  us_single,       // without: our own id alone, and setgroups(2) is then denied in the namespace for good
  shadow_helpers,  // newuidmap(1) and newgidmap(1), within /etc/subuid and /etc/subgid
};

// Who can write these maps. Pure.
MapWriter writer_of(const IdMaps& maps, bool privileged, uid_t uid, gid_t gid);

// For a child of ours that is in a new user namespace, waits, and can be looked into (PR_SET_DUMPABLE): the kernel and
// newuidmap let nobody else's maps be written. Throws SysError, Error{denied} with what newuidmap said.
void write_id_maps(pid_t child, const IdMaps& maps);

// Of an id inside, the one outside; nothing where it is not mapped.
std::optional<uint32_t> host_id(const std::vector<spec::IdMapping>& mappings, uint32_t id);

// Of a running process, as this process sees them. Throws SysError.
std::vector<spec::IdMapping> read_id_map(const std::string& path);

}  // namespace crun::ns
