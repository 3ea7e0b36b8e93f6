// The client's loop: from its stdin to the process, from the process to its stdout and stderr. Knows no
// monitor: that is where output comes from.
#pragma once

#include <functional>
#include <string_view>

#include "crun/containers.h"
#include "engine/session/pump.h"

namespace crun::engine {

// Where the output of a process comes from: its monitor's socket.
class OutputSource {
 public:
  virtual ~OutputSource() = default;
  virtual int fd() const = 0;
  // fd() is ready. Takes one piece and hands it over. Gives the outcome once the process has ended and all its output
  // was handed over.
  using Sink = std::function<void(int stream, std::string_view bytes)>;
  virtual std::optional<Outcome> take(const Sink& sink) = 0;
};

struct RelayEnds {
  Fd input;     // to the process; empty: none
  int process;  // pidfd, for signals; borrowed
  bool terminal = false;
};

// Runs until the process ended or the user detached. ends.input is closed at the end of relay.in.
Outcome run_relay(const Session::Relay& relay, RelayEnds& ends, OutputSource& source);

}  // namespace crun::engine
