// state and list.
#include <sys/stat.h>

#include <cerrno>

#include "crun/runtime.h"
#include "libcrun/container/state.h"

namespace crun {
namespace {

using container::Folder;
using container::Record;

uid_t owner_of(const Folder& folder) {
  struct stat status {};
  checked(fstat(folder.dir().fd(), &status), "looking at a container's state folder");
  return status.st_uid;
}

ContainerState describe(const Folder& folder, const Record& record) {
  ContainerState state;
  state.id = record.id;
  state.status = container::status_of(folder, record);
  state.pid = state.status == ContainerStatus::stopped ? 0 : record.pid;
  state.bundle = record.bundle;
  state.rootfs = record.rootfs;
  if (!record.cgroup.empty()) state.cgroup = record.hierarchy + record.cgroup;
  state.created_at = record.created_at;
  state.owner = owner_of(folder);
  state.annotations = record.annotations;
  return state;
}

}  // namespace

ContainerState Runtime::state(const std::string& id) const {
  Folder folder = Folder::open(root_, id);
  return describe(folder, folder.read());
}

std::string Runtime::config_text(const std::string& id) const {
  Record record = Folder::open(root_, id).read();
  if (record.config.empty()) {
    throw Error(ErrorKind::not_found, "container " + id + " was created without a config.json to inherit from");
  }
  return std::move(record.config);
}

std::vector<ContainerState> Runtime::list() const {
  std::vector<ContainerState> states;
  for (const std::string& id : Folder::ids(root_)) {
    // One that is being deleted meanwhile is not an error of the others.
    std::optional<Folder> folder = Folder::find(root_, id);
    if (folder) states.push_back(describe(*folder, folder->read()));
  }
  return states;
}

}  // namespace crun
