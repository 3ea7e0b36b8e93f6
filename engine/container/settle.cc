#include "engine/container/settle.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/log.h"
#include "base/rfc3339.h"
#include "crun/error.h"
#include "crun/runtime.h"
#include "engine/impl.h"
#include "libcrun/cgroup/cgroup.h"

namespace crun::engine {
namespace {

constexpr int kLostExitCode = 137;  // what a SIGKILL gives: the container dies with its monitor

void remove_cgroup(const std::string& id) {
  try {
    cgroup::Hierarchy hierarchy = cgroup::Hierarchy::find();
    cgroup::Cgroup::remove(hierarchy, "/ctr/" + id);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unsupported) throw;
  }
}

bool exists(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

// The names below a folder that look like a container's id.
std::vector<std::string> ids_in(const std::string& path) {
  std::vector<std::string> ids;
  if (!exists(path)) return ids;
  for (std::string& name : Dir::open(path).list()) {
    if (name.size() == 64) ids.push_back(std::move(name));
  }
  return ids;
}

void settle_stray(Engine::Impl& engine, const std::string& id, bool kept) {
  Places places = places_of(engine.config(), id, kept);
  std::optional<Dir> nobody_makes = try_stop_making(places);
  if (!nobody_makes) return;
  if (!has_lock(places)) return Dir::open(places.state_parent).remove_tree(id);
  std::optional<ContainerLock> lock = ContainerLock::try_take_existing(places);
  nobody_makes.reset();
  // Its row may have come since we looked; with the lock held nobody adds one.
  if (lock && !has_row(engine, id)) remove_files(engine, places, *lock);
}

// Whether something of a container that nobody looks after is left to be settled. The runtime's state goes after the
// cgroup, so it tells of both.
bool needs_settling(const Places& places, const Condition& condition) {
  if (condition.attended) return false;
  bool ended = !condition.record || condition.record->state >= RecordState::exited;
  return !ended || exists(places.runtime_root + "/" + places.id);
}

template <typename Action>
void and_go_on(const std::string& id, Action action) {
  try {
    action();
  } catch (const Error& error) {
    log_warning("cleaning up after container " + id.substr(0, 12) + ": " + error.text());
  }
}

}  // namespace

void settle_locked(Engine::Impl& engine, const Places& places, const ContainerLock& lock) {
  Runtime(engine.runtime_root()).remove(places.id, true);
  remove_cgroup(places.id);
  std::optional<StatusRecord> record = read_record(lock.folder());
  if (!record || record->state >= RecordState::exited) return;
  bool had_started = record->state == RecordState::running;
  record->state = had_started ? RecordState::exited : RecordState::failed;
  record->flags |= kMonitorLost;
  record->pid = 0;
  record->exit_code = kLostExitCode;
  record->finished_at = unix_nanoseconds();
  write_record(lock.folder(), *record);
}

void remove_files(Engine::Impl& engine, const Places& places, const ContainerLock& lock) {
  settle_locked(engine, places, lock);
  if (places.storage() != places.state() && exists(places.storage_parent)) {
    Dir::open(places.storage_parent).remove_tree(places.id);
  }
  Dir::open(places.state_parent).remove_tree(places.id);
}

bool settle_ended(Engine::Impl& engine, const Container& container) {
  Places places = places_of(engine.config(), container.id, container.kept);
  if (container.kept && !needs_settling(places, condition_of(places))) return false;
  std::optional<ContainerLock> lock = ContainerLock::try_take_existing(places);
  if (container.kept) {
    if (lock) settle_locked(engine, places, *lock);
    return false;
  }
  if (lock) {
    remove_files(engine, places, *lock);
  } else if (exists(places.state()) && condition_of(places).unfinished) {
    return false;
  }
  delete_row(engine, container.id, false);
  return true;
}

void settle_strays(Engine::Impl& engine) {
  std::set<std::string> rows = container_ids(engine);
  for (bool kept : {false, true}) {
    for (const std::string& id : ids_in(places_of(engine.config(), "", kept).state_parent)) {
      if (rows.count(id) == 0) and_go_on(id, [&] { settle_stray(engine, id, kept); });
    }
  }
  for (const auto& storage : transient_storage(engine.config())) {
    for (const std::string& id : storage.second) {
      // Whoever makes a storage folder has made its state folder before.
      if (exists(places_of(engine.config(), id, false).state())) continue;
      and_go_on(id, [&] { Dir::open(storage.first).remove_tree(id); });
    }
  }
}

}  // namespace crun::engine
