// One direction of a relay: bytes that wait for room at their destination.
#pragma once

#include <string>
#include <string_view>

#include "crun/fd.h"

namespace crun::engine {

// Writes to a descriptor that may be another's terminal or pipe: its blocking mode is not ours to change, so it is
// written to only when poll(2) says that there is room, and then in pieces that a pipe takes whole (PIPE_BUF).
class Pump {
 public:
  // fd: borrowed; -1: what is pushed is dropped.
  explicit Pump(int fd) : fd_(fd) {}

  void push(std::string_view bytes);
  bool empty() const noexcept { return waiting_.empty(); }
  // What to poll for POLLOUT: the descriptor, or -1 where nothing waits.
  int polled() const noexcept { return waiting_.empty() ? -1 : fd_; }
  // There is room. False where the destination is gone (EPIPE, EIO): what waits is dropped, and all that follows.
  bool drain();
  void close_down() noexcept;
  bool is_closed() const noexcept { return fd_ < 0; }

 private:
  int fd_;
  std::string waiting_;
};

}  // namespace crun::engine
