#include "cli/runtime/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include "crun/error.h"
#include "crun/fd.h"

namespace crun::cli {
namespace {

constexpr size_t kLongest = 4 << 20;
constexpr int64_t kNanoseconds = 1000000000;

std::string read_all(int fd, const std::string& name) {
  std::string content;
  char part[16384];
  for (;;) {
    ssize_t count = read(fd, part, sizeof part);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SysError(errno, "reading " + name);
    if (count == 0) return content;
    content.append(part, static_cast<size_t>(count));
    if (content.size() > kLongest) throw Error(ErrorKind::invalid, name + " is longer than 4 MiB");
  }
}

}  // namespace

std::string read_file(const std::string& path) {
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw SysError(errno, "opening " + path);
  return read_all(fd.get(), path);
}

std::string read_standard_input() { return read_all(STDIN_FILENO, "standard input"); }

void write_file(int fd, std::string_view content, std::string_view name) {
  while (!content.empty()) {
    ssize_t count = write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SysError(errno, "writing " + std::string(name));
    content.remove_prefix(static_cast<size_t>(count));
  }
}

// Not getpwuid(3): this program is static, and name services are not.
std::string user_name(uid_t uid) {
  if (uid == 0) return "root";
  std::string number = std::to_string(uid);
  std::string users;
  try {
    users = read_file("/etc/passwd");
  } catch (const Error&) {
    return number;
  }
  for (size_t begin = 0; begin < users.size();) {
    size_t end = std::min(users.find('\n', begin), users.size());
    std::string_view line = std::string_view(users).substr(begin, end - begin);
    size_t name = line.find(':');
    size_t id = line.find(':', name + 1) + 1;
    if (name != std::string_view::npos && id != 0 && line.substr(id, line.find(':', id) - id) == number) {
      return std::string(line.substr(0, name));
    }
    begin = end + 1;
  }
  return number;
}

std::string timestamp(int64_t unix_nanoseconds) {
  time_t seconds = unix_nanoseconds / kNanoseconds;
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  snprintf(text + length, sizeof text - length, ".%09dZ", static_cast<int>(unix_nanoseconds % kNanoseconds));
  return text;
}

int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * kNanoseconds + time.tv_nsec;
}

}  // namespace crun::cli
