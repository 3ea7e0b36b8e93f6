// Points in time as the specs write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace crun {

// Nanoseconds since 1970 in UTC, now (CLOCK_REALTIME).
int64_t unix_nanoseconds();

// "2026-11-20T07:11:57.000000001Z": nine digits, so that texts sort as times do.
std::string format_rfc3339(int64_t unix_nanoseconds);

// Throws Error{invalid}. Takes offsets and any number of fraction digits up to nine.
int64_t parse_rfc3339(std::string_view text);

}  // namespace crun
