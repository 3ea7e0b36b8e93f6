#include <signal.h>

#include <cerrno>

#include "base/pidfd.h"
#include "crun/runtime.h"
#include "libcrun/cgroup/cgroup.h"
#include "libcrun/container/state.h"

namespace crun {
namespace {

using container::Folder;
using container::Record;

void signal_all(const Record& record, int signal) {
  if (record.cgroup.empty()) throw Error(ErrorKind::unsupported, "container " + record.id + " has no cgroup to signal");
  std::optional<cgroup::Cgroup> cgroup = cgroup::Cgroup::find(*container::hierarchy_of(record), record.cgroup);
  if (!cgroup) return;
  if (signal == SIGKILL) {
    cgroup->kill();
  } else {
    cgroup->signal_all(signal);
  }
}

}  // namespace

void Runtime::kill(const std::string& id, int signal, bool all) const {
  Folder folder = Folder::open(root_, id);
  Record record = folder.read();
  if (all) return signal_all(record, signal);  // also of a container whose first process has ended
  std::optional<Fd> process = container::find_process(record);
  if (!process || (pidfd_send_signal(process->get(), signal, nullptr, 0) != 0 && errno == ESRCH)) {
    // containerd's shim knows a container that has ended by these first words.
    throw Error(ErrorKind::busy, "container not running: " + id + " has ended, there is nothing to signal");
  }
}

}  // namespace crun
