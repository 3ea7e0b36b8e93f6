#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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
  // Into the text itself it would go only after that was cleared, page by page.
  char buffer[16384];
  std::string content;
  for (;;) {
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count == 0) return content;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SysError(errno, "reading " + std::string(name));
    content.append(buffer, static_cast<size_t>(count));
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
