#include "engine/session/monitor_session.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "engine/monitor/protocol.h"
#include "engine/session/relay.h"

namespace crun::engine {
namespace {

class MonitorOutput : public OutputSource {
 public:
  explicit MonitorOutput(int socket) : socket_(socket) {}

  int fd() const override { return socket_; }

  std::optional<Outcome> take(const Sink& sink) override {
    char message[sizeof(MessageHeader) + kOutputBytes];
    ssize_t size = recv(socket_, message, sizeof message, 0);
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return std::nullopt;
    MessageHeader header;
    if (size < static_cast<ssize_t>(sizeof header)) return lost();
    memcpy(&header, message, sizeof header);
    if (header.type == MessageType::output) {
      sink(header.value, {message + sizeof header, static_cast<size_t>(size) - sizeof header});
      return std::nullopt;
    }
    if (header.type != MessageType::ended) return std::nullopt;
    return Outcome{false, header.value, (header.flags & kOomKilled) != 0};
  }

 private:
  // The monitor was killed, and the container with it.
  static Outcome lost() {
    constexpr int kKilled = 137;
    return Outcome{false, kKilled, false};
  }

  int socket_;
};

class MonitorSession : public Session {
 public:
  explicit MonitorSession(Launched launched) : launched_(std::move(launched)) {}

  Outcome relay(const Relay& relay) override {
    MonitorOutput output(launched_.socket.get());
    RelayEnds ends{std::move(launched_.input), launched_.process.get(), static_cast<bool>(launched_.terminal)};
    return run_relay(relay, ends, output);
  }

  void resize(unsigned short rows, unsigned short columns) override {
    if (!launched_.terminal) return;
    winsize size{rows, columns, 0, 0};
    // A process that is gone has no terminal to size.
    ioctl(launched_.terminal.get(), TIOCSWINSZ, &size);
  }

 private:
  Launched launched_;
};

}  // namespace

std::unique_ptr<Session> make_monitor_session(Launched launched) {
  return std::make_unique<MonitorSession>(std::move(launched));
}

}  // namespace crun::engine
