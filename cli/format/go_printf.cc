#include "cli/format/go_printf.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/format/template_functions.h"

namespace crun::cli {
namespace {

using nlohmann::json;

constexpr size_t kWidest = 1000;

struct Verb {
  bool left = false, zero = false, plus = false;
  size_t width = 0;
  int precision = -1;
  char letter = 0;
};

size_t take_digits(std::string_view& format) {
  size_t value = 0;
  while (!format.empty() && format.front() >= '0' && format.front() <= '9') {
    value = std::min(value * 10 + static_cast<size_t>(format.front() - '0'), kWidest);
    format.remove_prefix(1);
  }
  return value;
}

// What follows a '%'.
Verb take_verb(std::string_view& format) {
  Verb verb;
  for (; !format.empty(); format.remove_prefix(1)) {
    if (format.front() == '-')
      verb.left = true;
    else if (format.front() == '0')
      verb.zero = true;
    else if (format.front() == '+')
      verb.plus = true;
    else
      break;
  }
  verb.width = take_digits(format);
  if (!format.empty() && format.front() == '.') {
    format.remove_prefix(1);
    verb.precision = static_cast<int>(take_digits(format));
  }
  if (format.empty()) return verb;
  verb.letter = format.front();
  format.remove_prefix(1);
  return verb;
}

std::string_view type_name(const json& value) {
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "bool";
  if (value.is_number_float()) return "float64";
  if (value.is_number()) return "int";
  return value.is_null() ? "<nil>" : value.is_array() ? "[]interface {}" : "map[string]interface {}";
}

std::string quoted(const std::string& text) { return json(text).dump(-1, ' ', false, json::error_handler_t::replace); }

// Nothing where the verb does not fit the value's type.
std::optional<std::string> convert(const Verb& verb, const json& value) {
  switch (verb.letter) {
    case 'v': return go_text(value);
    case 's':
      if (value.is_number() || value.is_boolean()) return std::nullopt;
      return verb.precision < 0 ? go_text(value) : go_text(value).substr(0, static_cast<size_t>(verb.precision));
    case 'q': return value.is_string() ? std::optional(quoted(value.get<std::string>())) : std::nullopt;
    case 't': return value.is_boolean() ? std::optional(go_text(value)) : std::nullopt;
    case 'd':
      if (!value.is_number_integer()) return std::nullopt;
      return (verb.plus && value >= 0 ? "+" : "") + value.dump();
    case 'x':
      if (value.is_number_integer()) return fmt::format("{:x}", value.get<int64_t>());
      return std::nullopt;
    case 'f':
      if (!value.is_number_float()) return std::nullopt;
      return fmt::format("{:.{}f}", value.get<double>(), verb.precision < 0 ? 6 : verb.precision);
    default: return std::nullopt;
  }
}

std::string padded(const Verb& verb, std::string text) {
  const size_t shown =
      static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  if (shown >= verb.width) return text;
  const std::string fill(verb.width - shown, verb.zero && !verb.left ? '0' : ' ');
  return verb.left ? text + fill : fill + text;
}

}  // namespace

std::string go_text(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "<no value>";
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  if (!value.is_structured()) return value.dump();
  std::string text = value.is_array() ? "[" : "map[";
  for (auto element = value.begin(); element != value.end(); ++element) {
    if (element != value.begin()) text += ' ';
    if (value.is_object()) text += element.key() + ":";
    text += go_text(*element);
  }
  return text + "]";
}

bool go_truth(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value != 0;
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return !value.empty();
}

std::string go_printf(std::string_view format, std::span<const json> arguments) {
  std::string text;
  while (!format.empty()) {
    const size_t percent = std::min(format.find('%'), format.size());
    text += format.substr(0, percent);
    if (percent == format.size()) break;
    format.remove_prefix(percent + 1);
    const Verb verb = take_verb(format);
    if (verb.letter == '%') {
      text += '%';
    } else if (verb.letter == 0) {
      text += "%!(NOVERB)";
    } else if (arguments.empty()) {
      text += fmt::format("%!{}(MISSING)", verb.letter);
    } else {
      const auto shown = convert(verb, arguments[0]);
      text += shown ? padded(verb, *shown)
                    : fmt::format("%!{}({}={})", verb.letter, type_name(arguments[0]), go_text(arguments[0]));
      arguments = arguments.subspan(1);
    }
  }
  return text;
}

}  // namespace crun::cli
