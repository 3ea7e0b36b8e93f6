#include "engine/exec/own_session.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "crun/error.h"
#include "engine/session/relay.h"

namespace crun::engine {
namespace {

void set_non_blocking(const Fd& fd) {
  if (!fd) return;
  int flags = fcntl(fd.get(), F_GETFL);
  checked(fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK), "making a pipe non-blocking");
}

class OwnOutput : public OutputSource {
 public:
  explicit OwnOutput(OwnProcess& process) : process_(process) {
    streams_[0] = process.terminal ? process.terminal.get() : process.output.get();
    streams_[1] = process.errors.get();
  }

  Polled polled(bool out_ready, bool err_ready) const override {
    Polled result;
    if (out_ready) result.fds[0] = streams_[0];
    if (err_ready) result.fds[1] = streams_[1];
    // The end counts only when what came before it can be handed over.
    if (out_ready && err_ready) result.fds[2] = process_.child.pidfd();
    return result;
  }

  std::optional<Outcome> take(int index, const Sink& sink) override {
    if (index < 2) {
      read_some(index, sink);
      return std::nullopt;
    }
    bool more = read_some(0, sink);
    more = read_some(1, sink) || more;
    if (more) return std::nullopt;
    return Outcome{false, process_.child.wait().shell_code(), false};
  }

 private:
  // False where there is nothing to read now, or never again.
  bool read_some(int index, const Sink& sink) {
    if (streams_[index] < 0) return false;
    char buffer[16384];
    ssize_t count = read(streams_[index], buffer, sizeof buffer);
    if (count > 0) {
      sink(index + 1, {buffer, static_cast<size_t>(count)});
      return true;
    }
    if (count < 0 && errno == EINTR) return true;
    if (count < 0 && errno == EAGAIN) return false;
    // End of file; EIO is a master's, whose slaves are closed.
    if (count < 0 && errno != EIO) throw SysError(errno, "reading the command's output");
    streams_[index] = -1;
    return false;
  }

  OwnProcess& process_;
  int streams_[2];
};

class OwnSession : public Session {
 public:
  OwnSession(OwnProcess process, bool interactive) : process_(std::move(process)), interactive_(interactive) {
    set_non_blocking(process_.output);
    set_non_blocking(process_.errors);
    set_non_blocking(process_.terminal);
  }

  Outcome relay(const Relay& relay) override {
    OwnOutput output(process_);
    RelayEnds ends{std::move(process_.input), process_.child.pidfd(), static_cast<bool>(process_.terminal)};
    if (process_.terminal && interactive_) {
      ends.input = Fd(checked(fcntl(process_.terminal.get(), F_DUPFD_CLOEXEC, 3), "duplicating the terminal"));
    }
    Outcome outcome = run_relay(relay, ends, output);
    // Nobody else reads a detached one's terminal: it ends with us, as an exec's process does.
    return outcome;
  }

  void resize(unsigned short rows, unsigned short columns) override {
    if (!process_.terminal) return;
    winsize size{rows, columns, 0, 0};
    ioctl(process_.terminal.get(), TIOCSWINSZ, &size);
  }

 private:
  OwnProcess process_;
  bool interactive_;
};

}  // namespace

std::unique_ptr<Session> make_own_session(OwnProcess process, bool interactive) {
  return std::make_unique<OwnSession>(std::move(process), interactive);
}

}  // namespace crun::engine
