// A container's statistics as runc's `events` prints them: its callers read cgroup v1's names and units.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "crun/stats.h"

namespace crun::cli {

nlohmann::json stats_json(const ContainerStats& stats);

}  // namespace crun::cli
