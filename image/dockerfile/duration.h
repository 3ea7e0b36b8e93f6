// Times as Go writes them ("1m30s"), which HEALTHCHECK takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace crun::dockerfile {

// Nanoseconds. Nothing where it is no duration or does not fit.
std::optional<int64_t> parse_duration(std::string_view text);

}  // namespace crun::dockerfile
