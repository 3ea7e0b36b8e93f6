#include "engine/session/signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

#include "base/pidfd.h"
#include "crun/error.h"

namespace crun::engine {

ForwardedSignals::ForwardedSignals(bool forward) {
  sigset_t set;
  sigemptyset(&set);
  if (forward) {
    for (int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM}) sigaddset(&set, signal);
    fd_ = Fd(checked(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "making a signalfd"));
  }
  pthread_sigmask(SIG_BLOCK, &set, &before_);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &pipe_before_);
}

ForwardedSignals::~ForwardedSignals() {
  sigaction(SIGPIPE, &pipe_before_, nullptr);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool ForwardedSignals::pass_on(int process) {
  signalfd_siginfo information{};
  while (read(fd_.get(), &information, sizeof information) == static_cast<ssize_t>(sizeof information)) {
    if (information.ssi_signo == SIGINT || information.ssi_signo == SIGTERM) ++terminations_;
    if (process < 0) continue;
    if (pidfd_send_signal(process, static_cast<int>(information.ssi_signo), nullptr, 0) != 0 && errno != ESRCH) {
      throw SysError(errno, "forwarding signal " + std::to_string(information.ssi_signo));
    }
  }
  constexpr int kImpatient = 3;
  return terminations_ >= kImpatient;
}

}  // namespace crun::engine
