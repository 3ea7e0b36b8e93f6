// Id-mapped mounts (config.md "Mounts": uidMappings, gidMappings, idmap, ridmap).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crun/fd.h"
#include "libcrun/rootfs/mount_options.h"
#include "libcrun/spec/spec.h"

namespace crun::rootfs {

// From the ids of the source's file system (containerID) to those of the host (hostID).
struct IdMap {
  std::vector<spec::IdMapping> uids;
  std::vector<spec::IdMapping> gids;
  bool operator==(const IdMap&) const = default;
};

// crun's "uids=0-1000-10#10-2000-5;gids=0-1000-10": file system's id, host's id, size. Behind an '@' the second number
// is the container's, by `container`. Throws Error{invalid}.
IdMap parse_id_map(std::string_view text, const IdMap& container);

// The user namespaces of all of a container's id-mapped mounts; one mapping is made once.
class IdMapNamespaces {
 public:
  explicit IdMapNamespaces(const spec::Linux* linux) noexcept : linux_(linux) {}

  // Whose mappings a mount gets: those of its option, its own, or the container's. The fd lives as long as this.
  // Throws Error{invalid} where there are none, SysError.
  int find(const spec::Mount& mount, const IdMapRequest& request);

 private:
  int make(const IdMap& map);
  int open_joined(const std::string& path);

  struct Made {
    IdMap map;
    std::string path;  // of a user namespace that the container joins
    Fd fd;
  };
  const spec::Linux* linux_;
  std::vector<Made> made_;
};

// In parent and child: 0 or -errno (-EINVAL: this file system cannot be mapped).
int set_id_map(int mount, int user_namespace, bool recursive) noexcept;

}  // namespace crun::rootfs
