// The Executor that builds run their commands with: libcrun, as `ctr run` uses it.
#pragma once

#include <memory>

#include "crun/engine.h"
#include "image/build/executor.h"

namespace crun::engine {

// config: the roots of the engine that the build belongs to. For ctr-build.
std::unique_ptr<build::Executor> make_executor(const EngineConfig& config);

}  // namespace crun::engine
