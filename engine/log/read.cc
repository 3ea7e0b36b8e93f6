// copy_logs.
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <deque>

#include "base/file.h"
#include "base/rfc3339.h"
#include "crun/error.h"
#include "engine/container/places.h"
#include "engine/container/settle.h"
#include "engine/impl.h"
#include "engine/log/entry.h"
#include "engine/monitor/protocol.h"

namespace crun {

using namespace engine;

namespace {

// What is asked for, applied to one entry after the other.
class Printer {
 public:
  Printer(const LogRequest& request, int out, int err)
      : timestamps_(request.timestamps),
        since_(request.since > 0 ? format_rfc3339(request.since) : ""),
        until_(request.until > 0 ? format_rfc3339(request.until) : ""),
        out_(out),
        err_(err) {}

  bool wanted(const LogEntry& entry) const {
    return (since_.empty() || entry.time >= since_) && (until_.empty() || entry.time <= until_);
  }
  // Nothing that is written from now on is wanted.
  bool past_end() const { return !until_.empty() && format_rfc3339(unix_nanoseconds()) > until_; }

  void print(const LogEntry& entry) {
    // A line that was logged in pieces gets one time.
    std::string prefix = timestamps_ && line_start_[entry.stream - 1] ? entry.time + " " : "";
    line_start_[entry.stream - 1] = !entry.text.empty() && entry.text.back() == '\n';
    write_all(entry.stream == 2 ? err_ : out_, prefix + entry.text, "output");
  }

 private:
  bool timestamps_;
  std::string since_, until_;
  int out_, err_;
  bool line_start_[2] = {true, true};
};

// One log file, read line by line as it grows.
class LogFile {
 public:
  explicit LogFile(Fd fd) : fd_(std::move(fd)) {}

  // The next whole line, or nothing at the end as it is now.
  std::optional<std::string> next_line() {
    for (;;) {
      size_t newline = buffer_.find('\n', searched_);
      if (newline != std::string::npos) {
        std::string line = buffer_.substr(0, newline);
        buffer_.erase(0, newline + 1);
        searched_ = 0;
        return line;
      }
      searched_ = buffer_.size();
      if (!fill()) return std::nullopt;
    }
  }

  ino_t inode() const {
    struct stat status {};
    checked(fstat(fd_.get(), &status), "reading the log's status");
    return status.st_ino;
  }

 private:
  bool fill() {
    constexpr size_t kStep = 65536;
    // An entry is at most 16 KiB of text, each byte at most six characters: beyond that it is damage, not a line.
    if (buffer_.size() > 2 * kStep) {
      buffer_.clear();
      searched_ = 0;
    }
    size_t size = buffer_.size();
    buffer_.resize(size + kStep);
    ssize_t count = read(fd_.get(), buffer_.data() + size, kStep);
    buffer_.resize(size + static_cast<size_t>(count > 0 ? count : 0));
    if (count < 0 && errno != EINTR) throw SysError(errno, "reading the log");
    return count > 0;
  }

  Fd fd_;
  std::string buffer_;
  size_t searched_ = 0;
};

std::optional<LogFile> open_log(const Dir& folder, unsigned number) {
  std::string name = kLogFile;
  if (number > 0) name += "." + std::to_string(number);
  std::optional<Fd> fd = folder.find_at(name, O_RDONLY, Resolve::no_symlinks);
  if (!fd) return std::nullopt;
  return LogFile(std::move(*fd));
}

// All that is there, oldest first; leaves the newest file open at its end.
std::optional<LogFile> print_past(const Dir& folder, const LogRequest& request, unsigned files, Printer& printer) {
  std::deque<LogEntry> last;
  std::vector<LogFile> opened;  // at once, so that a rotation meanwhile neither doubles nor loses one
  for (unsigned number = 0; number < files; ++number) {
    if (std::optional<LogFile> file = open_log(folder, number)) opened.insert(opened.begin(), std::move(*file));
  }
  for (LogFile& file : opened) {
    while (std::optional<std::string> line = file.next_line()) {
      std::optional<LogEntry> entry = parse_log_line(*line);
      if (!entry || !printer.wanted(*entry)) continue;
      if (!request.tail) {
        printer.print(*entry);
        continue;
      }
      last.push_back(std::move(*entry));
      if (last.size() > *request.tail) last.pop_front();
    }
  }
  for (const LogEntry& entry : last) printer.print(entry);
  if (opened.empty() || !open_log(folder, 0)) return std::nullopt;
  return std::move(opened.back());
}

class Follower {
 public:
  Follower(const Dir& folder, const Places& places, Printer& printer, std::optional<LogFile> file)
      : folder_(folder), places_(places), printer_(printer), file_(std::move(file)) {
    inotify_ = Fd(checked(inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "watching the log"));
    std::string path = "/proc/self/fd/" + std::to_string(folder.fd());
    checked(inotify_add_watch(inotify_.get(), path.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_FROM), "watching the log");
  }

  void run() {
    for (;;) {
      // Asked before reading: what is written before the end is in the file by then.
      bool ended = !condition_of(places_).unfinished;
      print_new();
      if (ended || printer_.past_end()) return;
      wait();
    }
  }

 private:
  void print_new() {
    for (;;) {
      if (!file_) file_ = open_log(folder_, 0);
      if (!file_) return;
      while (std::optional<std::string> line = file_->next_line()) {
        std::optional<LogEntry> entry = parse_log_line(*line);
        if (entry && printer_.wanted(*entry)) printer_.print(*entry);
      }
      std::optional<LogFile> newest = open_log(folder_, 0);
      if (!newest || newest->inode() == file_->inode()) return;
      file_ = std::move(newest);
    }
  }

  void wait() {
    constexpr int kLook = 250;  // milliseconds: the container's end is no event of its log
    pollfd polled{inotify_.get(), POLLIN, 0};
    if (poll(&polled, 1, kLook) < 0 && errno != EINTR) throw SysError(errno, "waiting for the log");
    char events[4096];
    while (read(inotify_.get(), events, sizeof events) > 0) {
    }
  }

  const Dir& folder_;
  const Places& places_;
  Printer& printer_;
  std::optional<LogFile> file_;
  Fd inotify_;
};

}  // namespace

void copy_logs(Engine& engine, const std::string& name, const LogRequest& request, int out, int err) {
  Container container = get_container(engine.impl(), name);
  settle_ended(engine.impl(), container);
  Places places = places_of(engine.config(), container.id, container.kept);
  Fd fd(open(places.storage().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd && errno != ENOENT) throw SysError(errno, "opening the log of container " + name);
  if (!fd) return;  // never started
  Dir folder(std::move(fd));
  Printer printer(request, out, err);
  // As many as there may be, were the bound once higher.
  constexpr unsigned kMostFiles = 100;
  unsigned files = std::max(container.request.log.max_files, kMostFiles);
  std::optional<LogFile> newest = print_past(folder, request, files, printer);
  if (request.follow) Follower(folder, places, printer, std::move(newest)).run();
}

}  // namespace crun
