// A container as `state` and `list` print it: runtime-spec's state, and the fields that runc adds and its callers read.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "crun/runtime.h"

namespace crun::cli {

nlohmann::json state_json(const ContainerState& state);

}  // namespace crun::cli
