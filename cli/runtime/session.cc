#include "cli/runtime/session.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

extern "C" {  // glibc 2.36 forgets it
#include <sys/pidfd.h>
}

#include <cerrno>
#include <optional>

#include "cli/runtime/files.h"

namespace crun::cli {
namespace {

// Our own terminal, raw while the container's stands behind it.
class RawTerminal {
 public:
  RawTerminal() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    is_terminal_ = true;
    termios raw = before_;
    cfmakeraw(&raw);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }

 private:
  bool is_terminal_ = false;
  termios before_{};
};

void copy_window_size(int master) {
  winsize size{};
  if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) ioctl(master, TIOCSWINSZ, &size);
}

// False at the end of `from`. A pty's master reads EIO when the last of its slaves is closed.
bool relay(int from, int to) {
  char bytes[16384];
  ssize_t count = read(from, bytes, sizeof bytes);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (count <= 0) return false;
  write_file(to, std::string_view(bytes, static_cast<size_t>(count)), "the terminal");
  return true;
}

class Relay {
 public:
  Relay(int process, int signals, Fd terminal) : process_(process), signals_(signals), terminal_(std::move(terminal)) {
    if (!terminal_) return;
    raw_.emplace();
    copy_window_size(terminal_.get());
  }

  // Until the process has ended and its terminal is drained.
  void run() {
    bool alive = true;
    while (alive || terminal_) {
      pollfd wanted[] = {{alive ? process_ : -1, POLLIN, 0},
                         {signals_, POLLIN, 0},
                         {terminal_ ? terminal_.get() : -1, POLLIN, 0},
                         {terminal_ && input_open_ ? STDIN_FILENO : -1, POLLIN, 0}};
      int count = poll(wanted, 4, alive ? -1 : 0);
      if (count < 0 && errno != EINTR) throw SysError(errno, "waiting for the container");
      if (count == 0) break;  // it has ended, and nothing is left to read; another may hold its terminal
      if (wanted[1].revents != 0) pass_signal();
      if (wanted[2].revents != 0 && !relay(terminal_.get(), STDOUT_FILENO)) terminal_.reset();
      if (wanted[3].revents != 0 && terminal_) input_open_ = relay(STDIN_FILENO, terminal_.get());
      if (wanted[0].revents != 0) alive = false;
    }
  }

 private:
  void pass_signal() {
    signalfd_siginfo signal{};
    if (read(signals_, &signal, sizeof signal) != sizeof signal) return;
    if (signal.ssi_signo == SIGWINCH && terminal_) return copy_window_size(terminal_.get());
    pidfd_send_signal(process_, static_cast<int>(signal.ssi_signo), nullptr, 0);
  }

  int process_;  // its pidfd
  int signals_;
  Fd terminal_;
  bool input_open_ = true;
  std::optional<RawTerminal> raw_;
};

constexpr int kPassedSignals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGALRM};

}  // namespace

Session::Session() {
  sigset_t passed;
  sigemptyset(&passed);
  for (int signal : kPassedSignals) sigaddset(&passed, signal);
  sigprocmask(SIG_BLOCK, &passed, &before_);
  signals_.reset(checked(signalfd(-1, &passed, SFD_CLOEXEC | SFD_NONBLOCK), "receiving signals"));
}

Session::~Session() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

int Session::run(const UnreapedProcess& process, Fd terminal) {
  Relay(process.pidfd.get(), signals_.get(), std::move(terminal)).run();
  int status = 0;
  while (waitpid(process.pid, &status, 0) < 0) {
    if (errno != EINTR) throw SysError(errno, "waiting for the container");
  }
  constexpr int kSignalBase = 128;
  return WIFSIGNALED(status) ? kSignalBase + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace crun::cli
