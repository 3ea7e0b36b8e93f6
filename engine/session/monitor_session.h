// A client's session with a container, by its monitor's socket.
#pragma once

#include <memory>

#include "crun/containers.h"
#include "engine/monitor/launch.h"

namespace crun::engine {

std::unique_ptr<Session> make_monitor_session(Launched launched);

}  // namespace crun::engine
