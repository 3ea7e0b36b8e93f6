// What became of a container: the one file `status` in its state folder. Written by whoever is its parent (the set-up
// process, then ctr-monitor, then whoever finds that the monitor was killed), always whole, by a rename; read by
// everybody. Plain bytes of fixed size: ctr-monitor has neither heap nor libc.
#pragma once

#include <cstdint>

namespace crun::engine {

inline constexpr char kStatusFile[] = "status";
inline constexpr char kNewStatusFile[] = "status.new";
inline constexpr uint32_t kStatusMagic = 0x53525443;  // "CTRS"
inline constexpr uint32_t kStatusVersion = 1;

enum class RecordState : uint32_t {
  starting = 1,  // a set-up process is at work
  running = 2,
  exited = 3,
  failed = 4,  // it could not be started: exit_code and error say why
};

enum RecordFlag : uint32_t {
  kOomKilled = 1U << 0,    // its cgroup saw the kernel's OOM killer
  kMonitorLost = 1U << 1,  // its monitor was killed, and the container with it
};

struct StatusRecord {
  uint32_t magic = kStatusMagic;
  uint32_t version = kStatusVersion;
  RecordState state = RecordState::starting;
  uint32_t flags = 0;
  int32_t pid = 0;          // of its first process; means nothing unless the monitor holds its lock
  int32_t exit_code = 0;    // as docker counts: 128 + n for a signal
  int64_t started_at = 0;   // nanoseconds since 1970; 0: never
  int64_t finished_at = 0;  // the same; 0: not yet
  uint64_t lost_lines = 0;  // of output that the log had no room for
  uint64_t lost_bytes = 0;
  char error[456] = {};  // why it could not be started, ended by a NUL
};
static_assert(sizeof(StatusRecord) == 512);

// Which byte of the file `lock` says what (fcntl(2), F_OFD_SETLK). The first two are held by the same open file, which
// goes from the set-up process to ctr-monitor by execve and ends with it; the third by whoever waits for the first.
inline constexpr char kLockFile[] = "lock";
inline constexpr int64_t kLockAlive = 0;    // somebody looks after the container, or still cleans up after it
inline constexpr int64_t kLockRunning = 1;  // released as soon as `status` says how it ended: what `wait` waits for
inline constexpr int64_t kLockWanted = 2;   // an ended container is to be removed or started again: clients that do not
                                            // read are not waited for any more
inline constexpr int64_t kLockOwned = 2;    // how many, from the first, its owner holds

}  // namespace crun::engine
