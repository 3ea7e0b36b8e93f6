// Where a container's files are.
//
//   kept      <data_root>/containers/<id>/   lock status hosts hostname resolv.conf   upper/ work/ log.json
//   `--rm`    <run_root>/containers/<id>/    lock status hosts hostname resolv.conf
//             <data_root>/transient/.<i>/<id>/                                        upper/ work/ log.json
//
// The state folder is made, and locked, before everything else and removed after everything else: what lies in
// `transient` without one, and a state folder that is not locked and has no row, is nobody's.
//
// .<i>: the first of the id's sixteen possible digits. ext4 keeps what is made in a folder in the folder's own block
// group, and without a journal it passes over every inode of the group that was freed in the last minutes when it looks
// for a new one: where many short containers had shared one folder with each other, and its group with /tmp, making and
// mounting one took up to 5 ms.
#pragma once

#include <string>

#include "base/dir.h"
#include "engine/container/tables.h"
#include "engine/monitor/record.h"

namespace crun::engine {

struct Places {
  std::string id;
  std::string state_parent;
  std::string storage_parent;  // the same for a container that is kept
  std::string runtime_root;
  std::string state() const { return state_parent + "/" + id; }
  std::string storage() const { return storage_parent + "/" + id; }
};

Places places_of(const EngineConfig& config, const std::string& id, bool kept);

// Makes the storage folder, where it is missing, and its parents.
Dir open_or_make_storage(const EngineConfig& config, const Places& places);
// What there is below `transient`: each folder with the ids in it.
std::vector<std::pair<std::string, std::vector<std::string>>> transient_storage(const EngineConfig& config);

// The lock of record.h, as its holder has it.
class ContainerLock {
 public:
  // Makes the state folder where it is missing, and takes both bytes. Nothing where somebody else holds one of them.
  static std::optional<ContainerLock> try_take(const Places& places);
  // The same, but nothing too where the folder does not exist.
  static std::optional<ContainerLock> try_take_existing(const Places& places);

  const Dir& folder() const noexcept { return folder_; }
  int fd() const noexcept { return lock_.get(); }

 private:
  static std::optional<ContainerLock> try_take_with(const Places& places, int flags);
  ContainerLock(Dir folder, Fd lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  Dir folder_;
  Fd lock_;
};

// While it is held, no state folder beside this one is being made: one without a lock has been left by a killed maker,
// or is being removed. Nothing where one is being made just now.
std::optional<Dir> try_stop_making(const Places& places);
bool has_lock(const Places& places);

// What is known of a container at one moment.
struct Condition {
  bool attended = false;    // somebody looks after it: it starts, runs, or is being cleaned up
  bool unfinished = false;  // it has not ended: `status` does not say how yet
  std::optional<StatusRecord> record;

  bool running() const { return unfinished && record && record->state == RecordState::running; }
  bool has_run() const { return record && record->started_at != 0; }
};
Condition condition_of(const Places& places);

// The same, but waits for a container that another process is starting, or fails to start, just now.
Condition wait_while_starting(const Places& places);

// Blocks until it has ended (or never ran).
void wait_until_ended(const Places& places);
// The same for at most `milliseconds`. False when time is up.
bool wait_until_ended(const Places& places, int milliseconds, int pidfd);
// Blocks until nobody looks after it any more, so that an ended one can be started or removed. Its monitor then no
// longer waits for a client that does not read.
void wait_until_unattended(const Places& places);

std::optional<StatusRecord> read_record(const Dir& state);
void write_record(const Dir& state, const StatusRecord& record);

}  // namespace crun::engine
