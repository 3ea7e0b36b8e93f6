// Open-file-description locks (fcntl(2), F_OFD_SETLK): they belong to the open file, survive fork, pass with the fd,
// and the kernel drops them when the last copy is closed, so a killed process never leaves one behind.
#pragma once

#include <optional>
#include <string>

#include "crun/fd.h"

namespace crun {

class FileLock {
 public:
  // fd: an open, writable (exclusive) or readable (shared) file. Waits until the lock is free. Throws SysError.
  static FileLock exclusive(Fd fd, const std::string& name);
  static FileLock shared(Fd fd, const std::string& name);
  // Nothing where somebody else holds it.
  static std::optional<FileLock> try_exclusive(Fd fd, const std::string& name);

  int fd() const noexcept { return fd_.get(); }
  // Gives the locked file up, still locked: for a process that is about to exec its successor.
  Fd release() noexcept { return std::move(fd_); }

 private:
  explicit FileLock(Fd fd) noexcept : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace crun
