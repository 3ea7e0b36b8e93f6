// From a row to a running container: the client's side of monitor/protocol.h, and the set-up process that it forks.
#pragma once

#include <memory>
#include <string>

#include "crun/containers.h"
#include "engine/container/places.h"
#include "engine/container/tables.h"
#include "engine/monitor/start_report.h"

namespace crun::engine {

struct LaunchRequest {
  const Container& container;
  const image::Store::Runnable& image;
  const Places& places;
  ContainerLock lock;       // of the container; the set-up process takes it over
  std::string layers_path;  // the folder that holds the image's layers
  StartOptions options;
};

// Returns when its first process executes its program. Throws what the set-up process met: ProgramError (126, 127) or
// Error. The container is as it was then, but for its record.
Launched launch(Engine::Impl& engine, LaunchRequest request);

}  // namespace crun::engine
