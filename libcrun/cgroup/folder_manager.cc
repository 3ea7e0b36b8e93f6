#include "crun/error.h"
#include "libcrun/cgroup/manager.h"

namespace crun::cgroup {
namespace {

class FolderManager final : public Manager {
 public:
  explicit FolderManager(const Hierarchy& hierarchy) : hierarchy_(hierarchy) {}

  Place place(const std::string& cgroups_path, const std::string& id) override {
    return {hierarchy_.container_path(cgroups_path, id), "", ""};
  }

  bool needs_process() const noexcept override { return false; }

  Cgroup create(const Place& place, const spec::Resources& resources, pid_t pid) override {
    Cgroup cgroup = Cgroup::create(hierarchy_, place.path, resources);
    if (pid != 0) cgroup.add(pid);
    return cgroup;
  }

  void update(const Place& place, const spec::Resources& resources) override {
    std::optional<Cgroup> cgroup = Cgroup::find(hierarchy_, place.path);
    if (!cgroup) throw Error(ErrorKind::busy, "cgroup " + place.path + " is gone");
    cgroup->update(hierarchy_, resources);
  }

  void remove(const Place& place) override { Cgroup::remove(hierarchy_, place.path); }

 private:
  const Hierarchy& hierarchy_;
};

}  // namespace

std::unique_ptr<Manager> make_folder_manager(const Hierarchy& hierarchy) {
  return std::make_unique<FolderManager>(hierarchy);
}

std::unique_ptr<Manager> manager_of(const Hierarchy& hierarchy, const Place& place) {
  return place.unit.empty() ? make_folder_manager(hierarchy) : make_systemd_manager(hierarchy, {});
}

}  // namespace crun::cgroup
