// Signals that a client gets and its container should have.
#pragma once

#include <csignal>
#include <optional>

#include "crun/fd.h"

namespace crun::engine {

// While it lives, this thread's SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 and SIGALRM are read from a
// descriptor (signalfd(2)), and SIGPIPE is ignored, as a closed stdout is to be seen as EPIPE. Restores what was.
class ForwardedSignals {
 public:
  // forward: else nothing but SIGPIPE is touched, and fd() is -1.
  explicit ForwardedSignals(bool forward);
  ~ForwardedSignals();
  ForwardedSignals(const ForwardedSignals&) = delete;
  ForwardedSignals& operator=(const ForwardedSignals&) = delete;

  int fd() const noexcept { return fd_.get(); }
  // Sends on what came. process: pidfd. True from the third SIGINT or SIGTERM on: whoever sends so many wants to be rid
  // of us.
  bool pass_on(int process);

 private:
  Fd fd_;
  int terminations_ = 0;
  sigset_t before_;
  struct sigaction pipe_before_ {};
};

}  // namespace crun::engine
