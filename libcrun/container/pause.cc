// pause and resume: all processes of the container's cgroup stand still, and go on.
#include "crun/runtime.h"
#include "libcrun/container/state.h"

namespace crun {

using container::Folder;
using container::Record;

void Runtime::pause(const std::string& id) const {
  Folder folder = Folder::open(root_, id);
  FileLock lock = folder.lock();
  Record record = folder.read();
  cgroup::Cgroup cgroup = container::get_cgroup(record, "pausing");
  if (cgroup.frozen()) throw Error(ErrorKind::busy, "container " + id + " is paused already");
  try {
    cgroup.freeze();
  } catch (const Error&) {
    // Half a container that stands still serves nobody.
    cgroup.thaw();
    throw;
  }
}

void Runtime::resume(const std::string& id) const {
  Folder folder = Folder::open(root_, id);
  FileLock lock = folder.lock();
  Record record = folder.read();
  cgroup::Cgroup cgroup = container::get_cgroup(record, "resuming");
  if (!cgroup.freeze_asked()) throw Error(ErrorKind::busy, "container " + id + " is not paused");
  cgroup.thaw();
}

}  // namespace crun
