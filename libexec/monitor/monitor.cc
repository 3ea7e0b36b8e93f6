// ctr-monitor: a container's parent while it runs. Reads its output, logs it, hands it to the client while there is
// one, writes down how it ended, and then removes what it leaves. See engine/monitor/protocol.h.
//
// There are fifty of these for fifty containers, so every page counts: no libc, no heap, nothing touched before it is
// needed.
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/socket.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/wait.h>

#include "engine/monitor/protocol.h"
#include "engine/monitor/record.h"
#include "libexec/freestanding/start.h"
#include "libexec/freestanding/system_call.h"
#include "libexec/monitor/log_writer.h"
#include "libexec/monitor/tree.h"

namespace crun::monitor {
namespace {

using namespace engine;
using freestanding::call;

constexpr long kEintr = -4;
constexpr long kEagain = -11;
constexpr int kMessageDontWait = 0x40;
constexpr int kMessageNoSignal = 0x4000;
constexpr unsigned long kTiocgptpeer = 0x5441;
constexpr int kSigPipe = 13;
constexpr int kSigHup = 1;

struct IoVector {
  const void* base;
  unsigned long size;
};

struct SocketMessage {  // struct msghdr as sendmsg(2) takes it
  void* name;
  unsigned name_size;
  IoVector* parts;
  unsigned long part_count;
  void* control;
  unsigned long control_size;
  unsigned flags;
};

// One of the container's outputs, and what of it is on its way. All zero at first, so that it lies in .bss: pages that
// cost nothing until there is output.
struct Output {
  int fd;
  Stream stream;
  uint32_t kept;    // bytes at the front that are a line's beginning, or were not logged yet
  uint32_t fresh;   // bytes behind them that the last read brought
  uint32_t logged;  // of both, how many the log has
  bool waiting;     // the client has no room for the fresh ones
  char data[kOutputBytes];
};

Output outputs[2];
LogWriter log_writer;
constinit MonitorPlan plan;
bool client_there;

int64_t now() noexcept {
  long clock[2] = {};
  call(__NR_clock_gettime, CLOCK_REALTIME, clock);
  return clock[0] * 1'000'000'000L + clock[1];
}

bool is_open(int fd) noexcept { return call(__NR_fcntl, fd, F_GETFD) >= 0; }

// Logs each whole line of the output's data, and what is longer than a buffer in pieces, as docker does.
void log_lines(Output& output, bool at_end) noexcept {
  uint32_t size = output.kept + output.fresh;
  int64_t time = now();
  uint32_t start = 0;
  for (uint32_t i = output.kept; i < size; ++i) {
    if (output.data[i] != '\n') continue;
    log_writer.write(output.stream, output.data + start, i + 1 - start, time);
    start = i + 1;
  }
  if (at_end && start < size) {
    log_writer.write(output.stream, output.data + start, size - start, time);
    start = size;
  } else if (start == 0 && size == kOutputBytes) {
    start = whole_characters(output.data, size);
    log_writer.write(output.stream, output.data, start, time);
  }
  log_writer.flush();
  output.logged = start;
}

// Makes room: what is logged and sent goes, the beginning of a line stays.
void settle(Output& output) noexcept {
  uint32_t size = output.kept + output.fresh;
  output.kept = size - output.logged;
  if (output.logged > 0) memmove(output.data, output.data + output.logged, output.kept);
  output.fresh = output.logged = 0;
}

// What waited for it is logged already.
void drop_client() noexcept {
  if (!client_there) return;
  client_there = false;
  call(__NR_close, kFdClient);
  for (Output& output : outputs) {
    if (output.waiting) settle(output);
    output.waiting = false;
  }
}

// False where the client has no room.
bool send(MessageType type, int32_t value, uint32_t flags, const void* bytes, uint32_t size) noexcept {
  if (!client_there) return true;
  MessageHeader header{type, value, flags};
  IoVector parts[2] = {{&header, sizeof header}, {bytes, size}};
  SocketMessage message{nullptr, 0, parts, size > 0 ? 2UL : 1UL, nullptr, 0, 0};
  long result = kEintr;
  while (result == kEintr) {
    result = call(__NR_sendmsg, kFdClient, &message, kMessageDontWait | kMessageNoSignal);
  }
  if (result == kEagain) return false;
  if (result < 0) drop_client();
  return true;
}

void pass_on(Output& output) noexcept {
  output.waiting =
      !send(MessageType::output, static_cast<int32_t>(output.stream), 0, output.data + output.kept, output.fresh);
  if (!output.waiting) settle(output);
}

void close_output(Output& output) noexcept {
  call(__NR_close, output.fd);
  output.fd = -1;
  output.fresh = 0;
  log_lines(output, true);
  settle(output);
}

// One read. False where there is nothing to read now.
bool take(Output& output) noexcept {
  if (output.fd < 0 || output.waiting) return false;
  long count = call(__NR_read, output.fd, output.data + output.kept, kOutputBytes - output.kept);
  if (count == kEintr) return true;
  if (count == kEagain) return false;
  if (count <= 0) {
    close_output(output);
    return false;
  }
  output.fresh = static_cast<uint32_t>(count);
  log_lines(output, false);
  pass_on(output);
  return true;
}

void set_non_blocking(int fd) noexcept {
  long flags = call(__NR_fcntl, fd, F_GETFL);
  call(__NR_fcntl, fd, F_SETFL, flags | O_NONBLOCK);
}

void open_outputs() noexcept {
  for (int i = 0; i < 2; ++i) {
    int fd = i == 0 ? kFdStdout : kFdStderr;
    outputs[i].stream = i == 0 ? Stream::standard_output : Stream::standard_error;
    outputs[i].fd = is_open(fd) ? fd : -1;
    if (outputs[i].fd >= 0) set_non_blocking(fd);
  }
  // A master whose slaves are all closed answers EIO for ever, yet the container may open one again: a slave of our own
  // keeps it alive (ioctl_tty(2); works without the container's devpts).
  if ((plan.flags & kTerminal) != 0) call(__NR_ioctl, kFdStdout, kTiocgptpeer, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

// Waits for output, room at the client, or the process's end. True when that has come.
bool wait_for_events() noexcept {
  pollfd polled[4] = {{outputs[0].waiting ? -1 : outputs[0].fd, POLLIN, 0},
                      {outputs[1].waiting ? -1 : outputs[1].fd, POLLIN, 0},
                      {kFdProcess, POLLIN, 0},
                      {client_there ? kFdClient : -1, 0, 0}};
  if (outputs[0].waiting || outputs[1].waiting) polled[3].events = POLLOUT;
  long ready = call(__NR_ppoll, polled, 4, nullptr, nullptr, 0);
  if (ready <= 0) return false;
  if (polled[3].revents & (POLLHUP | POLLERR)) {
    drop_client();
  } else if (polled[3].revents & POLLOUT) {
    for (Output& output : outputs) {
      if (output.waiting) pass_on(output);
    }
  }
  for (int i = 0; i < 2; ++i) {
    if (polled[i].revents != 0) take(outputs[i]);
  }
  return polled[2].revents != 0;
}

bool waits_for_client() noexcept { return outputs[0].waiting || outputs[1].waiting; }

void drain_outputs() noexcept {
  for (Output& output : outputs) {
    while (take(output)) {
    }
  }
}

// The number behind `key` in a "key value" file of the cgroup, or 0.
bool saw_oom_kill() noexcept {
  char path[96];
  unsigned long size = strlen(plan.id);
  memcpy(path, plan.id, size);
  memcpy(path + size, "/memory.events", 15);
  long file = call(__NR_openat, kFdCgroupParent, path, O_RDONLY | O_CLOEXEC, 0);
  if (file < 0) return false;
  char text[256];
  long count = call(__NR_read, file, text, sizeof text);
  call(__NR_close, file);
  constexpr char kKey[] = "oom_kill ";
  constexpr long kKeySize = sizeof kKey - 1;
  for (long i = 0; i + kKeySize < count; ++i) {
    bool line_start = i == 0 || text[i - 1] == '\n';
    if (line_start && memcmp(text + i, kKey, kKeySize) == 0) return text[i + kKeySize] != '0';
  }
  return false;
}

void write_record(const StatusRecord& record) noexcept {
  long file = call(__NR_openat, kFdState, kNewStatusFile, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file >= 0) {
    long count = call(__NR_write, file, &record, sizeof record);
    call(__NR_close, file);
    if (count == static_cast<long>(sizeof record)) {
      call(__NR_renameat2, kFdState, kNewStatusFile, kFdState, kStatusFile, 0);
      return;
    }
    call(__NR_unlinkat, kFdState, kNewStatusFile, 0);
  }
  // A full disk has no room for a new file; the old one's block is there, and as it is one, it is written in one piece.
  file = call(__NR_openat, kFdState, kStatusFile, O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0);
  if (file < 0) return;
  call(__NR_write, file, &record, sizeof record);
  call(__NR_close, file);
}

void unlock_running() noexcept {
  struct flock lock {};
  lock.l_type = F_UNLCK;
  lock.l_whence = 0;
  lock.l_start = kLockRunning;
  lock.l_len = 1;
  call(__NR_fcntl, kFdLock, F_OFD_SETLK, &lock);
}

// Peeks at how the process ended, without reaping it: as long as it is a zombie, nobody else can have its pid, and who
// reads "running" in the record may still signal it.
int exit_code_of_process() noexcept {
  int information[32] = {};  // siginfo_t: signal, errno, code, padding, pid, uid, status
  long result = kEintr;
  while (result == kEintr) {
    result = call(__NR_waitid, P_PID, plan.pid, information, WEXITED | WNOWAIT, nullptr);
  }
  if (result < 0) return 137;
  constexpr int kExited = 1;  // CLD_EXITED
  int status = information[6];
  return information[2] == kExited ? status : 128 + status;
}

void reap() noexcept { call(__NR_wait4, plan.pid, nullptr, 0, nullptr); }

// Reaps too, whatever the client does: as long as an exec'd process is a zombie, its container cannot end
// (pid_namespaces(7)).
void record_end(int exit_code, uint32_t flags) noexcept {
  if ((plan.flags & kRecorded) == 0) return reap();
  StatusRecord record;
  record.state = RecordState::exited;
  record.flags = flags;
  record.pid = 0;
  record.exit_code = exit_code;
  record.started_at = plan.started_at;
  record.finished_at = now();
  record.lost_lines = log_writer.lost_lines();
  record.lost_bytes = log_writer.lost_bytes();
  write_record(record);
  reap();
  unlock_running();
}

// Whether somebody waits for this to end, to remove the container or to start it again.
bool is_wanted() noexcept {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = 0;
  lock.l_start = kLockWanted;
  lock.l_len = 1;
  return call(__NR_fcntl, kFdLock, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

// A client that is stopped, or whose own reader is, may keep us for as long as nobody minds.
void wait_for_client() noexcept {
  pollfd polled{kFdClient, POLLOUT, 0};
  __kernel_timespec patience{0, 200'000'000};
  long ready = call(__NR_ppoll, &polled, 1, &patience, nullptr, 0);
  bool gone = ready > 0 && (polled.revents & (POLLHUP | POLLERR)) != 0;
  if (gone || (ready == 0 && is_wanted())) return drop_client();
  for (Output& output : outputs) {
    if (output.waiting) pass_on(output);
  }
}

void clean_up() noexcept {
  if (is_open(kFdCgroupParent)) remove_cgroup(kFdCgroupParent, plan.id);
  if (is_open(kFdRuntimeParent)) remove_tree(kFdRuntimeParent, plan.id);
  // The state folder, which holds the lock, goes last: what else there is belongs to somebody as long as that is there.
  if (is_open(kFdStorageParent)) remove_tree(kFdStorageParent, plan.id);
  if (is_open(kFdStateParent)) remove_tree(kFdStateParent, plan.id);
}

void finish() noexcept {
  drain_outputs();
  int exit_code = exit_code_of_process();
  uint32_t flags = saw_oom_kill() ? kOomKilled : 0U;
  bool recorded = false;
  // A client that does not read must not keep others from learning that the container has ended.
  while (waits_for_client()) {
    if (!recorded) record_end(exit_code, flags);
    recorded = true;
    wait_for_client();
    drain_outputs();
  }
  for (Output& output : outputs) {
    if (output.fd >= 0) close_output(output);
  }
  if (!recorded) record_end(exit_code, flags);
  while (!send(MessageType::ended, exit_code, flags, nullptr, 0)) wait_for_client();
  drop_client();
  clean_up();
}

bool read_plan() noexcept {
  if (call(__NR_read, kFdPlan, &plan, sizeof plan) != static_cast<long>(sizeof plan)) return false;
  call(__NR_close, kFdPlan);
  plan.id[sizeof plan.id - 1] = '\0';
  return plan.version == kMonitorVersion && plan.id[0] != '\0';
}

void ignore_signal(int signal) noexcept {
  struct {
    unsigned long handler, flags, restorer, mask;
  } action{1 /* SIG_IGN */, 0, 0, 0};
  call(__NR_rt_sigaction, signal, &action, nullptr, sizeof action.mask);
}

}  // namespace
}  // namespace crun::monitor

extern "C" [[noreturn]] void program_main(long*) noexcept {
  using namespace crun::monitor;
  if (!read_plan()) crun::freestanding::exit_now(125);
  ignore_signal(kSigPipe);
  ignore_signal(kSigHup);
  client_there = is_open(crun::engine::kFdClient);
  log_writer.configure(is_open(crun::engine::kFdLog) ? crun::engine::kFdLog : -1, plan.log_size, plan.log_files);
  open_outputs();
  while (!wait_for_events()) {
  }
  finish();
  crun::freestanding::exit_now(0);
}
