#include "base/openat2.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace crun {

int openat2_raw(int dir_fd, const char* path, int flags, unsigned mode, uint64_t resolve) noexcept {
  constexpr int kRaceRetries = 128;
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? mode : 0;
  how.resolve = resolve;
  for (int attempt = 0;; ++attempt) {
    long result = syscall(SYS_openat2, dir_fd, path, &how, sizeof how);
    if (result >= 0) return static_cast<int>(result);
    if ((errno == EAGAIN || errno == EINTR) && attempt < kRaceRetries) continue;
    return -errno;
  }
}

}  // namespace crun
