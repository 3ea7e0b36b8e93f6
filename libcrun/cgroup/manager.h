// Who makes a container's cgroup, and takes it away: this library in the hierarchy's folders, or systemd.
#pragma once

#include <memory>
#include <string>

#include "libcrun/cgroup/cgroup.h"
#include "libcrun/cgroup/hierarchy.h"
#include "libcrun/spec/spec.h"

namespace crun::cgroup {

// Where a container's cgroup is, as the container's state keeps it.
struct Place {
  std::string path;        // below the hierarchy's root
  std::string unit;        // systemd's name for it, "ctr-c1.scope"; "" where it is ours
  std::string slice = {};  // systemd's unit above it; only to make it
  bool operator==(const Place&) const = default;
};

class Manager {
 public:
  virtual ~Manager() = default;

  // Where a container goes; nothing is made yet. cgroups_path: linux.cgroupsPath, in the form of this manager; "": a
  // place of its own by the container's id. Throws Error{invalid}.
  virtual Place place(const std::string& cgroups_path, const std::string& id) = 0;
  // A cgroup that can only be made around a process that is there.
  virtual bool needs_process() const noexcept = 0;
  // Makes it with its limits; pid: a process that is put into it, 0 for none. Throws as Cgroup::create.
  virtual Cgroup create(const Place& place, const spec::Resources& resources, pid_t pid) = 0;
  // As Cgroup::update; Error{busy} where it is gone.
  virtual void update(const Place& place, const spec::Resources& resources) = 0;
  // As Cgroup::remove.
  virtual void remove(const Place& place) = 0;
};

// hierarchy: borrowed, as long as the manager lives.
std::unique_ptr<Manager> make_folder_manager(const Hierarchy& hierarchy);

// Where systemd's bus is (sd_bus_default_system(3), sd_bus_default_user(3)): the user's own one for anybody but root.
// annotations: those that begin with org.systemd.property. are properties of the unit too, as runc and crun have it.
// Connects where it is first needed. Throws Error{unsupported} where there is no systemd.
std::unique_ptr<Manager> make_systemd_manager(const Hierarchy& hierarchy, spec::StringMap annotations);

// The one that made the place.
std::unique_ptr<Manager> manager_of(const Hierarchy& hierarchy, const Place& place);

}  // namespace crun::cgroup
