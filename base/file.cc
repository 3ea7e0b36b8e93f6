#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "crun/error.h"
#include "crun/fd.h"

namespace crun {

std::string read_regular(int fd, size_t limit, std::string_view name) {
  struct stat status {};
  if (fstat(fd, &status) != 0) throw SysError(errno, "reading the status of " + std::string(name));
  if (!S_ISREG(status.st_mode)) throw Error(ErrorKind::invalid, std::string(name) + " is not a regular file");
  return read_to_end(fd, limit, name);
}

std::string read_to_end(int fd, size_t limit, std::string_view name) {
  std::string content;
  for (;;) {
    constexpr size_t kStep = 16384;
    size_t old_size = content.size();
    content.resize(old_size + std::max(kStep, old_size));
    ssize_t count = read(fd, content.data() + old_size, content.size() - old_size);
    int error = errno;
    content.resize(old_size + static_cast<size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0) return content;
    if (count < 0 && error != EINTR) throw SysError(error, "reading " + std::string(name));
    if (content.size() > limit) {
      throw Error(ErrorKind::invalid, std::string(name) + " is longer than " + std::to_string(limit) + " bytes");
    }
  }
}

std::string read_path(const std::string& path, size_t limit) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw SysError(errno, "opening " + path);
  return read_to_end(fd.get(), limit, path);
}

void write_all(int fd, std::string_view content, std::string_view name) {
  while (!content.empty()) {
    ssize_t count = write(fd, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SysError(errno, "writing " + std::string(name));
    content.remove_prefix(static_cast<size_t>(count));
  }
}

}  // namespace crun
