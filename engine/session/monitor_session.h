// A client's session with a container, by its monitor's socket.
#pragma once

#include <functional>
#include <memory>

#include "crun/containers.h"
#include "engine/monitor/launch.h"

namespace crun::engine {

// ended: called once the container has ended, before relay() returns; not where the client detached.
std::unique_ptr<Session> make_monitor_session(Launched launched, std::function<void()> ended);

}  // namespace crun::engine
