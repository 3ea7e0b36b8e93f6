#include "engine/session/relay.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "crun/error.h"
#include "engine/session/detach_keys.h"
#include "engine/session/signals.h"

namespace crun::engine {
namespace {

constexpr size_t kBufferSize = 16384;
constexpr char kEndOfTransmission = 4;

class Loop {
 public:
  Loop(const Session::Relay& relay, RelayEnds& ends, OutputSource& source)
      : ends_(ends),
        source_(source),
        keys_(ends.terminal ? parse_detach_keys(relay.detach_keys) : ""),
        signals_(relay.forward_signals),
        in_(relay.in),
        to_process_(ends.input.get()),
        out_(relay.out),
        err_(relay.err) {}

  Outcome run() {
    std::optional<Outcome> outcome;
    while (!outcome) {
      outcome = turn();
      if (keys_.detached()) return Outcome{true, 0, false};
    }
    while (!out_.empty() || !err_.empty()) flush_rest();
    return *outcome;
  }

 private:
  enum Slot { kIn, kToProcess, kOut, kErr, kSignals, kSource, kSlots };

  std::optional<Outcome> turn() {
    pollfd polled[kSlots];
    for (pollfd& entry : polled) entry = {-1, POLLIN, 0};
    if (ends_.input && to_process_.empty()) polled[kIn].fd = in_;
    polled[kToProcess] = {to_process_.polled(), POLLOUT, 0};
    // Where nobody reads the process's stdin any more, we learn of it without writing.
    if (ends_.input && !ends_.terminal && to_process_.empty()) polled[kToProcess] = {ends_.input.get(), 0, 0};
    polled[kOut] = {out_.polled(), POLLOUT, 0};
    polled[kErr] = {err_.polled(), POLLOUT, 0};
    polled[kSignals].fd = signals_.fd();
    // No more is taken than what the slower of the two outputs takes.
    if (out_.empty() && err_.empty()) polled[kSource].fd = source_.fd();
    if (poll(polled, kSlots, -1) < 0) {
      if (errno == EINTR) return std::nullopt;
      throw SysError(errno, "waiting for the container's output");
    }
    return serve(polled);
  }

  std::optional<Outcome> serve(const pollfd* polled) {
    if (polled[kSignals].revents != 0 && signals_.pass_on(ends_.process)) return Outcome{true, 1, false};
    if (polled[kOut].revents != 0) out_.drain();
    if (polled[kErr].revents != 0) err_.drain();
    if (polled[kToProcess].revents != 0) write_input(polled[kToProcess].revents);
    if (polled[kIn].revents != 0) read_input();
    auto sink = [this](int stream, std::string_view bytes) {
      Pump& pump = stream == 2 ? err_ : out_;
      pump.push(bytes);
    };
    return polled[kSource].revents != 0 ? source_.take(sink) : std::nullopt;
  }

  void close_input() {
    ends_.input.reset();
    to_process_.close_down();
  }

  void write_input(short events) {
    bool open = (events & POLLERR) == 0 && to_process_.drain();
    if (!open) return close_input();
    if (at_end_ && to_process_.empty()) end_input();
  }

  void end_input() {
    // A terminal has no end of file of its own: what reads it is told by the line discipline's character.
    if (ends_.terminal) return;
    close_input();
  }

  void read_input() {
    char buffer[kBufferSize];
    ssize_t count = read(in_, buffer, sizeof buffer);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0) {
      at_end_ = true;
      in_ = -1;
      if (ends_.terminal && count == 0) to_process_.push({&kEndOfTransmission, 1});
      if (to_process_.empty()) end_input();
      return;
    }
    to_process_.push(keys_.filter({buffer, static_cast<size_t>(count)}));
  }

  void flush_rest() {
    pollfd polled[2] = {{out_.polled(), POLLOUT, 0}, {err_.polled(), POLLOUT, 0}};
    if (poll(polled, 2, -1) < 0 && errno != EINTR) throw SysError(errno, "waiting to write output");
    if (polled[0].revents != 0) out_.drain();
    if (polled[1].revents != 0) err_.drain();
  }

  RelayEnds& ends_;
  OutputSource& source_;
  DetachKeys keys_;
  ForwardedSignals signals_;
  int in_;
  bool at_end_ = false;
  Pump to_process_;
  Pump out_;
  Pump err_;
};

}  // namespace

Outcome run_relay(const Session::Relay& relay, RelayEnds& ends, OutputSource& source) {
  Loop loop(relay, ends, source);
  return loop.run();
}

}  // namespace crun::engine
