// What the functions of crun/images.h share.
#pragma once

#include <string>
#include <vector>

#include "engine/container/tables.h"

namespace crun::engine {

// Canonical references as people write them.
std::vector<std::string> familiar(const std::vector<std::string>& canonical);

// A `--rm` container that has ended is as good as gone.
bool uses_image(const EngineConfig& config, const Container& container);

}  // namespace crun::engine
