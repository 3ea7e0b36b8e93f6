#include "libcrun/cgroup/files.h"

#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>

#include "base/openat2.h"
#include "crun/error.h"

namespace crun::cgroup {
namespace {

using Clock = std::chrono::steady_clock;

int open_file(const Dir& cgroup, const char* file, int flags) {
  return openat2_raw(cgroup.fd(), file, flags, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

// The errno where the read failed. Files of cgroupfs give all they have in one read of a page or less, but for
// cgroup.procs.
int read_all(int fd, std::string& content) {
  char buffer[4096];
  for (;;) {
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return 0;
    content.append(buffer, static_cast<size_t>(count));
  }
}

}  // namespace

std::optional<std::string> find_content(const Dir& cgroup, const char* file) {
  int opened = open_file(cgroup, file, O_RDONLY);
  if (opened == -ENOENT) return std::nullopt;
  if (opened < 0) throw SysError(-opened, "opening " + std::string(file));
  Fd fd(opened);
  std::string content;
  int error = read_all(fd.get(), content);
  if (error == EOPNOTSUPP || error == ENODEV) return std::nullopt;
  if (error != 0) throw SysError(error, "reading " + std::string(file));
  return content;
}

int write_value(const Dir& cgroup, const std::string& file, std::string_view value) {
  int opened = open_file(cgroup, file.c_str(), O_WRONLY);
  if (opened < 0) return -opened;
  Fd fd(opened);
  ssize_t count = 0;
  do {
    count = write(fd.get(), value.data(), value.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) return errno;
  return static_cast<size_t>(count) == value.size() ? 0 : EIO;
}

std::vector<std::string_view> words_in(std::string_view text) {
  std::vector<std::string_view> words;
  for (;;) {
    size_t start = text.find_first_not_of(" \n");
    if (start == std::string_view::npos) return words;
    text.remove_prefix(start);
    size_t end = std::min(text.find_first_of(" \n"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::optional<uint64_t> number_in(std::string_view text) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || (end != text.data() + text.size() && *end != '\n')) return std::nullopt;
  return value;
}

std::optional<uint64_t> value_of(std::string_view text, std::string_view key) {
  std::vector<std::string_view> words = words_in(text);
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == key) return number_in(words[i + 1]);
  }
  return std::nullopt;
}

bool wait_for_event(const Dir& cgroup, std::string_view key, uint64_t value, int64_t milliseconds) {
  int opened = open_file(cgroup, "cgroup.events", O_RDONLY);
  if (opened == -ENOENT || opened == -ENODEV) return true;
  if (opened < 0) throw SysError(-opened, "opening cgroup.events");
  Fd fd(opened);
  Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  int64_t pause_us = 100;
  for (;;) {
    std::string content;
    if (lseek(fd.get(), 0, SEEK_SET) != 0) throw SysError(errno, "reading cgroup.events");
    int error = read_all(fd.get(), content);
    if (error == ENODEV) return true;
    if (error != 0) throw SysError(error, "reading cgroup.events");
    if (value_of(content, key) == value) return true;
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    // The kernel tells at most every ten milliseconds, so the first looks do not wait to be told.
    pollfd wait{fd.get(), POLLPRI, 0};
    timespec pause{0, static_cast<long>(std::min<int64_t>(pause_us, left * 1000)) * 1000};
    ppoll(&wait, 1, &pause, nullptr);
    pause_us = std::min<int64_t>(pause_us * 2, 20000);
  }
}

}  // namespace crun::cgroup
