#include "engine/session/pump.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "crun/error.h"

namespace crun::engine {

void Pump::push(std::string_view bytes) {
  if (fd_ >= 0) waiting_.append(bytes);
}

bool Pump::drain() {
  if (waiting_.empty()) return true;
  ssize_t count = write(fd_, waiting_.data(), std::min<size_t>(waiting_.size(), PIPE_BUF));
  if (count < 0) {
    if (errno == EINTR || errno == EAGAIN) return true;
    if (errno != EPIPE && errno != EIO && errno != ECONNRESET) throw SysError(errno, "writing output");
    close_down();
    return false;
  }
  waiting_.erase(0, static_cast<size_t>(count));
  return true;
}

void Pump::close_down() noexcept {
  fd_ = -1;
  waiting_.clear();
}

}  // namespace crun::engine
