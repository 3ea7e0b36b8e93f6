#include "image/dockerfile/duration.h"

#include <array>
#include <cmath>
#include <utility>

#include "image/dockerfile/words.h"

namespace crun::dockerfile {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 8> kUnits = {{
    {"ns", 1},
    {"us", 1e3},
    {"\xC2\xB5s", 1e3},
    {"\xCE\xBCs", 1e3},
    {"ms", 1e6},
    {"s", 1e9},
    {"m", 6e10},
    {"h", 3.6e12},
}};

// Digits with at most one point among them, taken off the front.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  double scale = 1;
  bool point = false;
  size_t digits = 0;
  size_t i = 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !point) {
      point = true;
    } else if (is_digit(text[i])) {
      ++digits;
      value = value * 10 + (text[i] - '0');
      if (point) scale *= 10;
    } else {
      break;
    }
  }
  text.remove_prefix(i);
  if (digits == 0 || digits > 18) return std::nullopt;
  return value / scale;
}

std::optional<double> take_unit(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && !is_digit(text[end]) && text[end] != '.') ++end;
  std::string_view name = text.substr(0, end);
  for (const auto& [unit, nanoseconds] : kUnits) {
    if (unit == name) {
      text.remove_prefix(end);
      return nanoseconds;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<int64_t> parse_duration(std::string_view text) {
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    std::optional<double> number = take_number(text);
    std::optional<double> unit = number ? take_unit(text) : std::nullopt;
    if (!unit) return std::nullopt;
    total += *number * *unit;
  }
  constexpr double kMost = 9e18;
  if (total > kMost) return std::nullopt;
  return std::llround(total);
}

}  // namespace crun::dockerfile
