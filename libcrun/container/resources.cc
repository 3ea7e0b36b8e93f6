// What a container may use, and what it uses.
#include <algorithm>

#include "crun/runtime.h"
#include "libcrun/container/state.h"
#include "libcrun/spec/validate.h"

namespace crun {

using container::Folder;
using container::Record;

void Runtime::update(const std::string& id, const spec::Resources& resources) const {
  spec::validate(resources);
  Folder folder = Folder::open(root_, id);
  FileLock lock = folder.lock();
  Record record = folder.read();
  container::get_cgroup(record, "updating");
  cgroup::Hierarchy hierarchy = *container::hierarchy_of(record);
  cgroup::Place place = container::place_of(record);
  cgroup::manager_of(hierarchy, place)->update(place, resources);
}

ContainerStats Runtime::stats(const std::string& id) const {
  return container::get_cgroup(Folder::open(root_, id).read(), "reading the statistics of").stats();
}

std::vector<pid_t> Runtime::processes(const std::string& id) const {
  std::vector<pid_t> pids = container::get_cgroup(Folder::open(root_, id).read(), "listing").processes(true);
  std::sort(pids.begin(), pids.end());
  return pids;
}

}  // namespace crun
