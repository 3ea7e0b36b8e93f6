// Sizes, spans and points of time as docker's users type and read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace crun::cli {

// "4.26MB": powers of 1000, `digits` significant digits.
std::string human_size(double bytes, int digits = 4);

// "Less than a second", "About a minute", "3 hours", "2 weeks".
std::string human_duration(int64_t nanoseconds);

// Local time: "2026-11-20 07:11:57 +0000 UTC".
std::string human_time(int64_t unix_nanoseconds);

// What --memory takes: "512", "512m", "1.5g", "64MiB"; b k m g t p are powers of 1024. Throws Error{invalid}.
int64_t parse_memory(std::string_view text);

// What --log-opt max-size takes: the same letters as powers of 1000.
int64_t parse_decimal_size(std::string_view text);

// "1.5" cpus as 1500000000. At most nine digits after the point. Throws Error{invalid}.
int64_t parse_cpus(std::string_view text);

// Go's form of a span: "90s", "1h30m", "1.5h", "300ms", in nanoseconds. Throws Error{invalid}.
int64_t parse_duration(std::string_view text);

// What --since and --until take, in nanoseconds since 1970: a span before `now`, seconds since 1970 with or without a
// fraction, or a date, with or without time and zone (without: this host's). Throws Error{invalid}.
int64_t parse_moment(std::string_view text, int64_t now);

// Decimal, whole. Throws Error{invalid} naming `what`.
int64_t parse_integer(std::string_view text, std::string_view what);

// A number of seconds from 0 on. Throws Error{invalid}.
unsigned parse_seconds(std::string_view text);

int64_t now_nanoseconds();

}  // namespace crun::cli
