#include "base/file_lock.h"

#include <fcntl.h>

#include <cerrno>

#include "crun/error.h"

namespace crun {
namespace {

int set_lock(int fd, int command, short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  int result = 0;
  do {
    result = fcntl(fd, command, &lock);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

}  // namespace

FileLock FileLock::exclusive(Fd fd, const std::string& name) {
  if (int error = set_lock(fd.get(), F_OFD_SETLKW, F_WRLCK)) throw SysError(error, "locking " + name);
  return FileLock(std::move(fd));
}

FileLock FileLock::shared(Fd fd, const std::string& name) {
  if (int error = set_lock(fd.get(), F_OFD_SETLKW, F_RDLCK)) throw SysError(error, "locking " + name);
  return FileLock(std::move(fd));
}

std::optional<FileLock> FileLock::try_exclusive(Fd fd, const std::string& name) {
  int error = set_lock(fd.get(), F_OFD_SETLK, F_WRLCK);
  if (error == 0) return FileLock(std::move(fd));
  if (error == EAGAIN || error == EACCES) return std::nullopt;
  throw SysError(error, "locking " + name);
}

}  // namespace crun
