// delete: what create made is undone (runtime.md "Delete").
#include "libcrun/container/remove.h"

#include <poll.h>
#include <signal.h>

#include <cerrno>

#include "base/log.h"
#include "base/pidfd.h"
#include "crun/runtime.h"
#include "libcrun/container/state.h"
#include "libcrun/hooks/hooks.h"
#include "libcrun/spec/parse.h"

namespace crun {
namespace {

using container::Folder;
using container::Record;

constexpr int kKillTimeoutMs = 10000;

void kill_and_wait(const std::string& id, int pidfd) {
  if (pidfd_send_signal(pidfd, SIGKILL, nullptr, 0) != 0 && errno != ESRCH) {
    throw SysError(errno, "killing container " + id);
  }
  pollfd wanted{pidfd, POLLIN, 0};
  int result;
  do {
    result = poll(&wanted, 1, kKillTimeoutMs);
  } while (result < 0 && errno == EINTR);
  if (result == 0) throw Error(ErrorKind::busy, "container " + id + " was killed and has not ended after ten seconds");
}

void remove_cgroup(const Record& record) {
  std::optional<cgroup::Hierarchy> hierarchy = container::hierarchy_of(record);
  if (!hierarchy) return;
  cgroup::Place place = container::place_of(record);
  cgroup::manager_of(*hierarchy, place)->remove(place);
}

}  // namespace

namespace container {

void run_poststop(const Record& record) {
  if (!record.has_hooks) return;
  spec::Hooks hooks = spec::parse(record.config).hooks;
  hooks::run_all("poststop", hooks.poststop, state_document(record, ContainerStatus::stopped));
}

void destroy(const Folder& folder, const Record& record, const std::optional<Fd>& process) {
  if (process) kill_and_wait(record.id, process->get());
  remove_cgroup(record);
  rdt::remove(record.rdt.removed);
  run_poststop(record);
  folder.remove();
}

}  // namespace container

void Runtime::remove(const std::string& id, bool force) const {
  std::optional<Folder> folder = Folder::find(root_, id);
  if (!folder) {
    if (force) return;
    throw Error(ErrorKind::not_found, "container " + id + " does not exist");
  }
  FileLock lock = folder->lock();
  Record record = folder->read();
  std::optional<Fd> process = container::find_process(record);
  if (process && !force) {
    std::string status(status_name(container::status_of(*folder, record)));
    throw Error(ErrorKind::busy, "container " + id + " is " + status + ": stop it first, or delete it with --force");
  }
  container::destroy(*folder, record, process);
}

}  // namespace crun
