// Between a client (`ctr run`, `ctr start`, `ctr exec`), the set-up process that it forks, and ctr-monitor, which the
// set-up process becomes:
//
//   client                        set-up process                       ctr-monitor
//     |------- fork, socket ---------->|
//     |                                | overlay, cgroup, namespaces,
//     |                                | the container's first process
//     |<-- failed {code, kind, text} --| (and it ends)
//     |        or                      |
//     |<-- started {pid} + pidfd ------|
//     |    [+ the pty's master]        |------ execve, with kMonitorFds ----->|
//     |<-- output {stream} bytes --------------------------------------------| as long as the client is there
//     |<-- ended {code, flags} ----------------------------------------------| after the last output
//     X (end of file)                                                         | cleans up, drops its lock, ends
//
// SOCK_SEQPACKET: a message is a MessageHeader and what follows it. The client sends nothing; when it closes its end,
// the monitor goes on without it. When the socket is full the monitor stops reading the container's output until there
// is room, as a pipe to the client would.
#pragma once

#include <cstdint>

namespace crun::engine {

inline constexpr uint32_t kMonitorVersion = 1;

enum class MessageType : uint32_t { started = 1, failed = 2, output = 3, ended = 4 };

struct MessageHeader {
  MessageType type = MessageType::output;
  int32_t value = 0;   // started: pid; failed, ended: exit code; output: 1 stdout, 2 stderr
  uint32_t flags = 0;  // ended: RecordFlag; failed: ErrorKind
};

// Most bytes of output in one message; also where docker's json-file cuts lines that do not end.
inline constexpr uint32_t kOutputBytes = 16384;

// The numbers that ctr-monitor's descriptors have at its execve. 0 to 2 are /dev/null; what is absent is closed.
enum MonitorFd : int {
  kFdPlan = 3,            // a pipe that holds a MonitorPlan
  kFdStdout = 4,          // to read; with a terminal its master
  kFdStderr = 5,          // to read
  kFdStdin = 6,           // the write end, held so that the container sees no end of file: detached `-i`
  kFdState = 7,           // the container's state folder: status, lock
  kFdLog = 8,             // the folder that holds log.json
  kFdLock = 9,            // state/lock, locked
  kFdProcess = 10,        // pidfd of the container's first process, a child of this one
  kFdClient = 11,         // the socket above
  kFdCgroupParent = 12,   // these four: what holds an entry named by the id, to be removed at the end
  kFdRuntimeParent = 13,  //   the runtime's state
  kFdStorageParent = 14,  //   `--rm` alone: upper folder and log
  kFdStateParent = 15,    //   `--rm` alone: what kFdState is
  kFdEnd = 16,
};

enum MonitorFlag : uint32_t {
  kTerminal = 1U << 0,  // kFdStdout is a pty's master
  kRecorded = 1U << 1,  // has a status record; not set for an exec'd process
};

struct MonitorPlan {
  uint32_t version = kMonitorVersion;
  uint32_t flags = 0;
  int32_t pid = 0;
  uint32_t log_files = 0;  // with the current one; at least 1
  uint64_t log_size = 0;   // bytes after which the log is rotated; 0: never
  int64_t started_at = 0;  // nanoseconds since 1970
  char id[72] = {};        // ended by a NUL: the name of the entries to be removed
};
static_assert(sizeof(MonitorPlan) == 104);

inline constexpr char kLogFile[] = "log.json";

}  // namespace crun::engine
