#include "cli/ctr/human.h"

#include <fmt/format.h>
#include <time.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "crun/error.h"

namespace crun::cli {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

[[noreturn]] void reject(std::string_view text, std::string_view wanted) {
  throw Error(ErrorKind::invalid, fmt::format("'{}' is not {}", text, wanted));
}

// Reads a number like "12", "1.5" or ".5" off the front of text; nothing where there is none.
std::optional<double> take_number(std::string_view& text) {
  size_t end = 0;
  bool digits = false, point = false;
  for (; end < text.size(); ++end) {
    if (text[end] >= '0' && text[end] <= '9')
      digits = true;
    else if (text[end] == '.' && !point)
      point = true;
    else
      break;
  }
  if (!digits) return std::nullopt;
  const std::string number(text.substr(0, end));
  text.remove_prefix(end);
  return std::strtod(number.c_str(), nullptr);
}

int64_t parse_size(std::string_view text, double base) {
  constexpr std::string_view wanted = "a size; give a number with one of b k m g t p, as 512m";
  std::string_view rest = text;
  const std::optional<double> number = take_number(rest);
  if (!number) reject(text, wanted);
  if (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  double factor = 1;
  if (!rest.empty()) {
    const char letter = static_cast<char>(rest.front() | 0x20);
    const size_t power = std::string_view("bkmgtp").find(letter);
    if (power == std::string_view::npos) reject(text, wanted);
    factor = std::pow(base, static_cast<double>(power));
    rest.remove_prefix(1);
    const bool unit = power > 0 && (rest == "b" || rest == "B" || rest == "ib" || rest == "iB" || rest == "IB");
    if (!rest.empty() && !unit) reject(text, wanted);
  }
  const double bytes = *number * factor;
  if (bytes >= 9.2e18) reject(text, "a size that fits in 63 bits");
  return static_cast<int64_t>(bytes);
}

struct Unit {
  std::string_view name;
  double nanoseconds;
};
// Longer names first: "m" would take the start of "ms".
constexpr Unit kUnits[] = {{"ns", 1},  {"us", 1e3},     {"\xc2\xb5s", 1e3}, {"ms", 1e6},
                           {"s", 1e9}, {"m", 60 * 1e9}, {"h", 3600 * 1e9}};

std::optional<int64_t> find_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const std::optional<double> number = take_number(text);
    if (!number) return std::nullopt;
    const Unit* found = nullptr;
    for (const Unit& unit : kUnits)
      if (found == nullptr && text.starts_with(unit.name)) found = &unit;
    if (found == nullptr) return std::nullopt;
    total += *number * found->nanoseconds;
    text.remove_prefix(found->name.size());
  }
  if (total >= 9.2e18) return std::nullopt;
  return static_cast<int64_t>(negative ? -total : total);
}

// "1700000000" or "1700000000.000000001", without going through a double, which has no room for nanoseconds.
std::optional<int64_t> find_unix_time(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  int64_t seconds = 0;
  const char* end = text.data() + point;
  const auto [at, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || at != end || seconds > 9'000'000'000 || seconds < 0) return std::nullopt;
  if (point == text.size()) return seconds * kSecond;
  const std::string_view digits = text.substr(point + 1);
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  int64_t fraction = 0;
  const auto [stop, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), fraction);
  if (wrong != std::errc() || stop != digits.data() + digits.size() || fraction < 0) return std::nullopt;
  for (size_t i = digits.size(); i < 9; ++i) fraction *= 10;
  return seconds * kSecond + fraction;
}

// Takes ".123" off the front, as nanoseconds; what is not there is 0.
int64_t take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  int64_t value = 0, scale = kSecond;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (scale > 1) value += (scale /= 10) * (text.front() - '0');
    text.remove_prefix(1);
  }
  return value;
}

// "Z" or "+01:00" in seconds east of Greenwich; nothing where it is malformed.
std::optional<int64_t> parse_zone(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  for (const size_t at : {1, 2, 4, 5})
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
  const int64_t seconds = ((text[1] - '0') * 10 + text[2] - '0') * 3600 + ((text[4] - '0') * 10 + text[5] - '0') * 60;
  return text[0] == '-' ? -seconds : seconds;
}

std::optional<int64_t> find_date(const std::string& text) {
  for (const char* form : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H", "%Y-%m-%d"}) {
    struct tm parts = {};
    const char* end = strptime(text.c_str(), form, &parts);
    if (end == nullptr) continue;
    std::string_view rest(end);
    const int64_t fraction = take_fraction(rest);
    if (rest.empty()) {
      parts.tm_isdst = -1;
      return mktime(&parts) * kSecond + fraction;
    }
    if (const auto zone = parse_zone(rest)) return (timegm(&parts) - *zone) * kSecond + fraction;
  }
  return std::nullopt;
}

}  // namespace

std::string human_size(double bytes, int digits) {
  constexpr std::array<std::string_view, 7> units = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < units.size(); ++unit) bytes /= 1000;
  return fmt::format("{:.{}g}{}", bytes, digits, units[unit]);
}

std::string human_duration(int64_t nanoseconds) {
  const int64_t seconds = nanoseconds / kSecond;
  if (seconds < 1) return "Less than a second";
  if (seconds == 1) return "1 second";
  if (seconds < 60) return fmt::format("{} seconds", seconds);
  const int64_t minutes = seconds / 60;
  if (minutes == 1) return "About a minute";
  if (minutes < 60) return fmt::format("{} minutes", minutes);
  const int64_t hours = (seconds + 1800) / 3600;
  if (hours == 1) return "About an hour";
  if (hours < 48) return fmt::format("{} hours", hours);
  if (hours < 24 * 7 * 2) return fmt::format("{} days", hours / 24);
  if (hours < 24 * 30 * 2) return fmt::format("{} weeks", hours / 24 / 7);
  if (hours < 24 * 365 * 2) return fmt::format("{} months", hours / 24 / 30);
  return fmt::format("{} years", seconds / 3600 / 24 / 365);
}

std::string human_time(int64_t unix_nanoseconds) {
  const time_t seconds = static_cast<time_t>(unix_nanoseconds / kSecond);
  struct tm parts = {};
  localtime_r(&seconds, &parts);
  std::array<char, 64> text = {};
  const size_t size = strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %z %Z", &parts);
  return std::string(text.data(), size);
}

int64_t parse_memory(std::string_view text) { return parse_size(text, 1024); }
int64_t parse_decimal_size(std::string_view text) { return parse_size(text, 1000); }

int64_t parse_cpus(std::string_view text) {
  constexpr std::string_view wanted = "a number of cpus; give one such as 2 or 0.5";
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view digits = text.substr(std::min(point + 1, text.size()));
  if (whole.empty() && digits.empty()) reject(text, wanted);
  if (digits.size() > 9 || whole.size() > 6) reject(text, wanted);
  int64_t value = 0;
  for (const std::string_view part : {whole, digits})
    for (const char digit : part) {
      if (digit < '0' || digit > '9') reject(text, wanted);
      value = value * 10 + (digit - '0');
    }
  for (size_t i = digits.size(); i < 9; ++i) value *= 10;
  return value;
}

int64_t parse_duration(std::string_view text) {
  if (const auto found = find_duration(text)) return *found;
  reject(text, "a span of time; give one such as 90s, 10m or 1h30m");
}

int64_t parse_moment(std::string_view text, int64_t now) {
  if (const auto span = find_duration(text); span && text != "0") return now - *span;
  if (const auto moment = find_unix_time(text)) return *moment;
  if (const auto date = find_date(std::string(text))) return *date;
  reject(text, "a point in time; give a span back from now (10m), a date (2026-11-20T07:00:00Z) or seconds since 1970");
}

int64_t parse_integer(std::string_view text, std::string_view what) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) reject(text, what);
  return value;
}

unsigned parse_seconds(std::string_view text) {
  constexpr std::string_view wanted = "a number of seconds";
  const int64_t seconds = parse_integer(text, wanted);
  if (seconds < 0 || seconds > std::numeric_limits<int32_t>::max()) reject(text, wanted);
  return static_cast<unsigned>(seconds);
}

int64_t now_nanoseconds() {
  struct timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

}  // namespace crun::cli
