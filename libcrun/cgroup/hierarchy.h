// The machine's cgroup v2 hierarchy: plain, or the "unified" one of a hybrid host.
#pragma once

#include <string>

#include "base/dir.h"

namespace crun::cgroup {

class Hierarchy {
 public:
  // Reads /proc/self/mountinfo and /proc/self/cgroup. Throws Error{unsupported} where no cgroup2 is mounted.
  static Hierarchy find();

  // The same from given texts, so that it tests without mounts. Does not open the mount point.
  struct Place {
    std::string mount_point;
    std::string own_path;  // of this process below the mount point, "/" at its top
  };
  static Place locate(std::string_view mountinfo, std::string_view self_cgroup);

  // A hierarchy at a folder of the caller's choice.
  Hierarchy(Dir root, Place place) : root_(std::move(root)), place_(std::move(place)) {}

  const Dir& root() const noexcept { return root_; }
  const std::string& mount_point() const noexcept { return place_.mount_point; }

  // Where a container's cgroup goes, as an absolute path below the mount point. cgroups_path: linux.cgroupsPath.
  // Absolute ones start at the hierarchy's root. Relative ones, and the container's id where there is none, start at
  // the parent of our own cgroup: our own holds processes (us), so it could not hand controllers on.
  // Throws Error{invalid} for `..`, for the hierarchy's root itself, and for systemd's slice:prefix:name form.
  std::string container_path(std::string_view cgroups_path, std::string_view id) const;

 private:
  Dir root_;
  Place place_;
};

}  // namespace crun::cgroup
