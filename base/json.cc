#include "base/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crun/error.h"

namespace crun {
namespace {

// The deepest nesting of brackets outside strings.
size_t nesting(std::string_view text) {
  size_t depth = 0;
  size_t deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

std::string position(std::string_view text, size_t byte) {
  std::string_view before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
  size_t line = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  size_t newline = before.rfind('\n');
  size_t column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace

nlohmann::json parse_json(std::string_view text, std::string_view name, const JsonLimits& limits) {
  std::string where(name);
  if (text.size() > limits.bytes) {
    throw Error(ErrorKind::invalid, where + ": longer than " + std::to_string(limits.bytes) + " bytes");
  }
  if (nesting(text) > limits.depth) {
    throw Error(ErrorKind::invalid, where + ": nested deeper than " + std::to_string(limits.depth));
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    throw Error(ErrorKind::invalid, where + ": not JSON at " + position(text, error.byte));
  }
}

std::string write_json(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace crun
