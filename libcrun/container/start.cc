// start of a container that another process created: through the fifos of its state folder.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/log.h"
#include "base/pidfd.h"
#include "crun/runtime.h"
#include "libcrun/container/container_hooks.h"
#include "libcrun/container/prepared.h"
#include "libcrun/container/remove.h"
#include "libcrun/container/state.h"
#include "libcrun/hooks/hooks.h"
#include "libcrun/spec/parse.h"

namespace crun {
namespace {

using container::Folder;
using container::Record;

spec::Hooks hooks_of(const Record& record) {
  if (!record.has_hooks) return {};
  return spec::parse(record.config).hooks;
}

// What the stage has to say: nothing when its execve closed the fifo.
std::optional<process::Message> read_result(int fifo) {
  checked(fcntl(fifo, F_SETFL, 0), "waiting for the program's start");
  process::Message message{};
  ssize_t count;
  do {
    count = read(fifo, &message, sizeof message);
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw SysError(errno, "waiting for the program's start");
  if (count == 0) return std::nullopt;
  return message;
}

std::optional<process::Message> let_go(const Folder& folder, const std::string& id) {
  // The reading end first, so that the stage's answer finds a reader.
  Fd result = folder.dir().open_at("result", O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0, Resolve::no_symlinks);
  Fd start(openat(folder.dir().fd(), "start", O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (!start && errno == ENXIO) throw Error(ErrorKind::busy, "container " + id + " has ended before it was started");
  if (!start) throw SysError(errno, "starting container " + id);
  write_all(start.get(), "s", "start");
  return read_result(result.get());
}

// The hook's error is the one to tell.
void destroy_failed(const Folder& folder, const Record& record, const std::optional<Fd>& process) {
  try {
    container::destroy(folder, record, process);
  } catch (const Error& error) {
    log_warning("removing container " + record.id + ": " + error.text());
  }
}

}  // namespace

void Runtime::start(const std::string& id) const {
  Folder folder = Folder::open(root_, id);
  FileLock lock = folder.lock();
  Record record = folder.read();
  ContainerStatus status = container::status_of(folder, record);
  std::optional<Fd> process = container::find_process(record);
  if (status != ContainerStatus::created || !process) {
    throw Error(ErrorKind::busy, "container " + id + " is " + std::string(status_name(status)) +
                                     ": only one that is created can be started");
  }
  spec::Hooks hooks = hooks_of(record);
  // Where a hook fails, the lifecycle goes on at step 12 (runtime.md "Lifecycle").
  try {
    if (!hooks.start_container.empty()) container::run_start_container(root_, record);
  } catch (const Error&) {
    destroy_failed(folder, record, process);
    throw;
  }
  std::optional<process::Message> failure = let_go(folder, id);
  unlinkat(folder.dir().fd(), "start", 0);
  unlinkat(folder.dir().fd(), "result", 0);
  if (failure) {
    try {
      container::throw_start_failure(*failure, record.program, record.pid);
    } catch (const Error&) {
      pidfd_send_signal(process->get(), SIGKILL, nullptr, 0);
      throw;
    }
  }
  if (hooks.poststart.empty()) return;
  try {
    hooks::run("poststart", hooks.poststart, container::state_document(record, ContainerStatus::running));
  } catch (const Error&) {
    destroy_failed(folder, record, process);
    throw;
  }
}

}  // namespace crun
