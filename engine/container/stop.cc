// stop_container, kill_container, wait_container.
#include <signal.h>

#include <cerrno>

#include "base/pidfd.h"
#include "crun/error.h"
#include "engine/container/settle.h"
#include "engine/impl.h"
#include "engine/spec/validate.h"
#include "libcrun/cgroup/cgroup.h"

namespace crun {

using namespace engine;

namespace {

// Its first process, by a descriptor that no other process can ever take the place of: the monitor reaps it only after
// its record says how it ended, so while that still says "running" the pid is its own.
Fd open_process(const Places& places, const Condition& before) {
  if (!before.running()) return Fd();
  Fd process(pidfd_open(before.record->pid, 0));
  if (!process && errno != ESRCH) throw SysError(errno, "opening container " + places.id + "'s process");
  return condition_of(places).running() ? std::move(process) : Fd();
}

void send(const Fd& process, int signal, const std::string& name) {
  if (pidfd_send_signal(process.get(), signal, nullptr, 0) != 0 && errno != ESRCH) {
    throw SysError(errno, "sending signal " + std::to_string(signal) + " to container " + name);
  }
}

std::string stop_signal_of(Engine& engine, const Container& container) {
  if (!container.request.stop_signal.empty()) return container.request.stop_signal;
  std::optional<image::Image> image = engine.impl().store().find_image(container.image_id);
  std::string text = image ? image->config().config.stop_signal : "";
  return text.empty() ? "SIGTERM" : text;
}

constexpr unsigned kDefaultTimeout = 10;  // seconds, as docker's

}  // namespace

void stop_container(Engine& engine, const std::string& name, std::optional<unsigned> timeout,
                    const std::string& signal) {
  if (!signal.empty()) parse_signal(signal);  // a wrong one is told whatever the container's state
  Container container = get_container(engine.impl(), name);
  Places places = places_of(engine.config(), container.id, container.kept);
  Fd process = open_process(places, wait_while_starting(places));
  if (process) {
    unsigned seconds = timeout.value_or(container.request.stop_timeout.value_or(kDefaultTimeout));
    send(process, parse_signal(signal.empty() ? stop_signal_of(engine, container) : signal), name);
    constexpr unsigned kLongest = 24 * 24 * 3600;  // of poll(2)'s milliseconds
    if (!wait_until_ended(places, static_cast<int>(std::min(seconds, kLongest) * 1000), process.get())) {
      send(process, SIGKILL, name);
      wait_until_ended(places);
    }
  }
  settle_ended(engine.impl(), container);
}

void kill_container(Engine& engine, const std::string& name, const std::string& signal) {
  int number = parse_signal(signal);
  Container container = get_container(engine.impl(), name);
  Places places = places_of(engine.config(), container.id, container.kept);
  Fd process = open_process(places, wait_while_starting(places));
  if (!process) throw Error(ErrorKind::busy, "cannot kill container " + name + ": it is not running");
  send(process, number, name);
  // As docker: who kills may rely on its being dead.
  if (number == SIGKILL) wait_until_ended(places);
}

int wait_container(Engine& engine, const std::string& name) {
  Container container = get_container(engine.impl(), name);
  Places places = places_of(engine.config(), container.id, container.kept);
  // A `--rm` container takes its record along: hold its folder open before it goes.
  std::optional<Dir> state;
  try {
    state = Dir::open(places.state());
  } catch (const SysError& error) {
    if (error.errno_value() != ENOENT) throw;
  }
  wait_until_ended(places);
  std::optional<StatusRecord> record;
  if (state) record = read_record(*state);
  if (record && record->state >= RecordState::exited) return record->exit_code;
  if (settle_ended(engine.impl(), container)) return 0;
  record = condition_of(places).record;
  return record ? record->exit_code : 0;
}

}  // namespace crun
