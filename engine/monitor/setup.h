// The set-up process: makes the container with the engine's code, then becomes ctr-monitor.
#pragma once

#include "engine/monitor/launch.h"

namespace crun::engine {

struct SetupRequest {
  LaunchRequest& launch;
  Engine::Impl& engine;
  Fd socket;                // to the client
  Fd stdin_read;            // the container's stdin; empty: /dev/null, or (kept_stdin) a pipe that never ends
  bool keep_stdin = false;  // `-i` with no client to write to it: the monitor holds the write end
};

// In the forked child. Tells the client how it went, and ends as ctr-monitor or not at all.
[[noreturn]] void run_setup(SetupRequest& request) noexcept;

}  // namespace crun::engine
