// What a container may use, and what it uses.
#include <algorithm>

#include "crun/runtime.h"
#include "libcrun/container/state.h"
#include "libcrun/spec/spec.h"

namespace crun {

using container::Folder;
using container::Record;

void Runtime::update(const std::string& id, const spec::Resources& resources) const {
  Folder folder = Folder::open(root_, id);
  FileLock lock = folder.lock();
  Record record = folder.read();
  cgroup::Cgroup cgroup = container::get_cgroup(record, "updating");
  cgroup.update(*container::hierarchy_of(record), resources);
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
