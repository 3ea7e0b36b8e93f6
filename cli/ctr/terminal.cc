#include "cli/ctr/terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "cli/ctr/print.h"
#include "crun/error.h"

namespace crun::cli {
namespace {

// What handlers need: there is one terminal and one session a process.
struct termios g_saved;
volatile sig_atomic_t g_raw = 0;
Session* g_session = nullptr;

void restore_terminal() {
  if (g_raw == 0) return;
  // A process of the background that changes its terminal is stopped by SIGTTOU, unless it ignores that.
  struct sigaction ignore = {}, before = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGTTOU, &ignore, &before);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &g_saved);
  sigaction(SIGTTOU, &before, nullptr);
  g_raw = 0;
}

// For the signals that would end this process with the terminal still raw. SA_RESETHAND: the second one kills.
void restore_and_die(int signal) {
  restore_terminal();
  raise(signal);
}

void print_newline() { [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, "\n", 1); }

void pass_size(Session& session) {
  const TerminalSize size = terminal_size();
  if (size.rows != 0) session.resize(size.rows, size.columns);
}

// Session::resize is one ioctl: it may be called from a handler.
void size_changed(int) {
  const int error = errno;
  if (g_session != nullptr) pass_size(*g_session);
  errno = error;
}

constexpr std::array kDeadly = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGPIPE};

class Raw {
 public:
  explicit Raw(Session& session) {
    if (tcgetattr(STDIN_FILENO, &g_saved) != 0) return;
    for (size_t i = 0; i < kDeadly.size(); ++i) {
      struct sigaction act = {};
      act.sa_handler = restore_and_die;
      act.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
      sigaction(kDeadly[i], &act, &before_[i]);
    }
    struct termios raw = g_saved;
    cfmakeraw(&raw);
    g_raw = 1;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    g_session = &session;
    struct sigaction act = {};
    act.sa_handler = size_changed;
    act.sa_flags = SA_RESTART;
    sigaction(SIGWINCH, &act, nullptr);
    raw_ = true;
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;
  ~Raw() {
    if (!raw_) return;
    signal(SIGWINCH, SIG_DFL);
    g_session = nullptr;
    restore_terminal();
    for (size_t i = 0; i < kDeadly.size(); ++i) sigaction(kDeadly[i], &before_[i], nullptr);
  }

 private:
  bool raw_ = false;
  std::array<struct sigaction, kDeadly.size()> before_ = {};
};

}  // namespace

TerminalSize terminal_size() {
  struct winsize size = {};
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO})
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) return {size.ws_row, size.ws_col};
  return {};
}

void check_terminal(bool interactive, bool tty, const std::string& detach_keys) {
  check_detach_keys(detach_keys);
  if (interactive && tty && isatty(STDIN_FILENO) == 0)
    throw Error(
        ErrorKind::invalid,
        "the input device is not a TTY: with -t, stdin must be a terminal; leave -t out to send it a pipe or a file");
}

Outcome attach(Session& session, const Attachment& attachment) {
  Session::Relay relay;
  relay.in = attachment.interactive ? STDIN_FILENO : -1;
  relay.detach_keys = attachment.detach_keys.empty() ? "ctrl-p,ctrl-q" : attachment.detach_keys;
  relay.forward_signals = attachment.forward_signals;
  if (attachment.tty) pass_size(session);
  if (!attachment.tty || !attachment.interactive || isatty(STDIN_FILENO) == 0) {
    const Outcome outcome = session.relay(relay);
    if (outcome.detached)
      print_error("", "left running after three signals that it did not heed; 'ctr ps' shows it, 'ctr kill' ends it");
    return outcome;
  }
  const Outcome outcome = [&] {
    const Raw raw(session);
    return session.relay(relay);
  }();
  // The cursor stands behind the prompt of what goes on without us.
  if (outcome.detached) print_newline();
  return outcome;
}

}  // namespace crun::cli
