#include "base/rfc3339.h"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>

#include "crun/error.h"

namespace crun {
namespace {

constexpr int64_t kNano = 1'000'000'000;

// Takes exactly `digits` digits off the front of text.
int take_number(std::string_view& text, size_t digits, std::string_view whole) {
  int value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text.empty() || text[0] < '0' || text[0] > '9') {
      throw Error(ErrorKind::invalid, fmt::format("'{}' is not a time as RFC 3339 writes it", whole));
    }
    value = value * 10 + (text[0] - '0');
    text.remove_prefix(1);
  }
  return value;
}

void take(std::string_view& text, std::string_view any_of, std::string_view whole) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) {
    throw Error(ErrorKind::invalid, fmt::format("'{}' is not a time as RFC 3339 writes it", whole));
  }
  text.remove_prefix(1);
}

int64_t take_fraction(std::string_view& text, std::string_view whole) {
  if (text.empty() || text[0] != '.') return 0;
  text.remove_prefix(1);
  int64_t nanoseconds = take_number(text, 1, whole) * (kNano / 10);
  for (int64_t unit = kNano / 100; !text.empty() && text[0] >= '0' && text[0] <= '9'; unit /= 10) {
    nanoseconds += take_number(text, 1, whole) * unit;
  }
  return nanoseconds;
}

// Seconds that the text's clock is ahead of UTC.
int64_t take_offset(std::string_view& text, std::string_view whole) {
  if (!text.empty() && (text[0] == 'Z' || text[0] == 'z')) {
    text.remove_prefix(1);
    return 0;
  }
  int sign = !text.empty() && text[0] == '-' ? -1 : 1;
  take(text, "+-", whole);
  int hours = take_number(text, 2, whole);
  take(text, ":", whole);
  return sign * (hours * 3600 + take_number(text, 2, whole) * 60);
}

}  // namespace

int64_t unix_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * kNano + now.tv_nsec;
}

std::string format_rfc3339(int64_t unix_nanoseconds) {
  int64_t fraction = unix_nanoseconds % kNano;
  if (fraction < 0) fraction += kNano;
  time_t seconds = (unix_nanoseconds - fraction) / kNano;
  tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, fraction);
}

int64_t parse_rfc3339(std::string_view text) {
  std::string_view rest = text;
  tm utc{};
  utc.tm_year = take_number(rest, 4, text) - 1900;
  take(rest, "-", text);
  utc.tm_mon = take_number(rest, 2, text) - 1;
  take(rest, "-", text);
  utc.tm_mday = take_number(rest, 2, text);
  take(rest, "Tt ", text);
  utc.tm_hour = take_number(rest, 2, text);
  take(rest, ":", text);
  utc.tm_min = take_number(rest, 2, text);
  take(rest, ":", text);
  utc.tm_sec = take_number(rest, 2, text);
  int64_t fraction = take_fraction(rest, text);
  int64_t offset = take_offset(rest, text);
  if (!rest.empty()) throw Error(ErrorKind::invalid, fmt::format("'{}' has text after its time", text));
  return (timegm(&utc) - offset) * kNano + fraction;
}

}  // namespace crun
