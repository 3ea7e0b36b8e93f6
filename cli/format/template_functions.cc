#include "cli/format/template_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/format/go_printf.h"
#include "crun/error.h"

namespace crun::cli {
namespace {

using nlohmann::json;
using Arguments = std::span<const json>;
constexpr size_t kNoBound = static_cast<size_t>(-1);

[[noreturn]] void reject(std::string_view function, const std::string& text) {
  throw Error(ErrorKind::invalid, fmt::format("template: {}: {}", function, text));
}

void need(std::string_view function, Arguments arguments, size_t least, size_t most) {
  if (arguments.size() >= least && arguments.size() <= most) return;
  reject(function, least == most ? fmt::format("takes {} arguments, {} given", least, arguments.size())
                                 : fmt::format("needs at least {} arguments, {} given", least, arguments.size()));
}

std::string text_of(std::string_view function, const json& value) {
  if (!value.is_string()) reject(function, fmt::format("'{}' is not a text", go_text(value)));
  return value.get<std::string>();
}

size_t index_of(std::string_view function, const json& value, size_t most) {
  if (!value.is_number_integer()) reject(function, fmt::format("'{}' is not a whole number", go_text(value)));
  const int64_t index = value.get<int64_t>();
  if (index < 0 || static_cast<uint64_t>(index) > most) reject(function, fmt::format("{} is out of range", index));
  return static_cast<size_t>(index);
}

json to_json(Arguments arguments) {
  need("json", arguments, 1, 1);
  return arguments[0].dump(-1, ' ', false, json::error_handler_t::replace);
}

json split(Arguments arguments) {
  need("split", arguments, 2, 2);
  const std::string text = text_of("split", arguments[0]), by = text_of("split", arguments[1]);
  if (by.empty()) reject("split", "the separator is empty");
  json parts = json::array();
  size_t from = 0;
  for (size_t at = text.find(by); at != std::string::npos; at = text.find(by, from)) {
    parts.push_back(text.substr(from, at - from));
    from = at + by.size();
  }
  parts.push_back(text.substr(from));
  return parts;
}

json join(Arguments arguments) {
  need("join", arguments, 2, 2);
  if (arguments[0].is_null()) return "";
  if (!arguments[0].is_array()) reject("join", fmt::format("'{}' is not a list", go_text(arguments[0])));
  std::string text;
  for (const json& element : arguments[0]) {
    if (!text.empty() || &element != &arguments[0].front()) text += text_of("join", arguments[1]);
    text += go_text(element);
  }
  return text;
}

// ASCII alone: names of the specs are; anything else is left as it is.
char upper_char(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

json upper(Arguments arguments) {
  need("upper", arguments, 1, 1);
  std::string text = text_of("upper", arguments[0]);
  std::transform(text.begin(), text.end(), text.begin(), upper_char);
  return text;
}

json lower(Arguments arguments) {
  need("lower", arguments, 1, 1);
  std::string text = text_of("lower", arguments[0]);
  std::transform(text.begin(), text.end(), text.begin(), lower_char);
  return text;
}

json title(Arguments arguments) {
  need("title", arguments, 1, 1);
  std::string text = text_of("title", arguments[0]);
  bool start = true;
  for (char& c : text) {
    if (start) c = upper_char(c);
    start = c == ' ';
  }
  return text;
}

json pad(Arguments arguments) {
  need("pad", arguments, 3, 3);
  const std::string text = text_of("pad", arguments[0]);
  if (text.empty()) return text;
  constexpr size_t kWidest = 1000;
  return std::string(index_of("pad", arguments[1], kWidest), ' ') + text +
         std::string(index_of("pad", arguments[2], kWidest), ' ');
}

json truncate(Arguments arguments) {
  need("truncate", arguments, 2, 2);
  const std::string text = text_of("truncate", arguments[0]);
  return text.substr(0, index_of("truncate", arguments[1], static_cast<size_t>(INT64_MAX)));
}

json length(Arguments arguments) {
  need("len", arguments, 1, 1);
  const json& value = arguments[0];
  if (value.is_string()) return value.get_ref<const std::string&>().size();
  if (value.is_structured()) return value.size();
  if (value.is_null()) return 0;
  reject("len", fmt::format("'{}' has no length", go_text(value)));
}

// A missing key of a map gives nothing, as the zero value does in Go; a list's index must be there.
json index(Arguments arguments) {
  need("index", arguments, 2, kNoBound);
  json value = arguments[0];
  for (const json& key : arguments.subspan(1)) {
    if (value.is_object() && key.is_string()) {
      const auto found = value.find(key.get_ref<const std::string&>());
      value = found == value.end() ? json("") : json(*found);
    } else if (value.is_array()) {
      const size_t at = index_of("index", key, value.size());
      if (at == value.size()) reject("index", fmt::format("{} is out of range", at));
      value = json(value[at]);
    } else if (value.is_null()) {
      value = "";
    } else {
      reject("index", fmt::format("'{}' cannot be indexed by '{}'", go_text(value), go_text(key)));
    }
  }
  return value;
}

json slice(Arguments arguments) {
  need("slice", arguments, 2, 3);
  const json& value = arguments[0];
  if (!value.is_string() && !value.is_array()) reject("slice", fmt::format("'{}' has no parts", go_text(value)));
  const size_t size = value.is_string() ? value.get_ref<const std::string&>().size() : value.size();
  const size_t to = arguments.size() == 3 ? index_of("slice", arguments[2], size) : size;
  const size_t from = index_of("slice", arguments[1], to);
  if (value.is_string()) return value.get_ref<const std::string&>().substr(from, to - from);
  json part = json::array();
  for (size_t i = from; i < to; ++i) part.push_back(value[i]);
  return part;
}

// A space only between two values of which neither is a text, as Go's Print.
json print(Arguments arguments) {
  std::string text;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0 && !arguments[i].is_string() && !arguments[i - 1].is_string()) text += ' ';
    text += go_text(arguments[i]);
  }
  return text;
}

json println(Arguments arguments) {
  std::string text;
  for (size_t i = 0; i < arguments.size(); ++i) text += (i > 0 ? " " : "") + go_text(arguments[i]);
  return text + "\n";
}

json printf(Arguments arguments) {
  need("printf", arguments, 1, kNoBound);
  return go_printf(text_of("printf", arguments[0]), arguments.subspan(1));
}

void need_same_kind(std::string_view function, const json& a, const json& b) {
  if ((a.is_number() && b.is_number()) || a.type() == b.type() || a.is_null() || b.is_null()) return;
  reject(function, fmt::format("'{}' and '{}' cannot be compared", go_text(a), go_text(b)));
}

json equal(Arguments arguments) {
  need("eq", arguments, 2, kNoBound);
  for (const json& other : arguments.subspan(1)) {
    need_same_kind("eq", arguments[0], other);
    if (arguments[0] == other) return true;
  }
  return false;
}

template <typename Compare>
json ordered(std::string_view function, Arguments arguments, Compare compare) {
  need(function, arguments, 2, 2);
  need_same_kind(function, arguments[0], arguments[1]);
  return compare(arguments[0], arguments[1]);
}

json unequal(Arguments arguments) { return ordered("ne", arguments, std::not_equal_to<json>()); }
json less(Arguments arguments) { return ordered("lt", arguments, std::less<json>()); }
json at_most(Arguments arguments) { return ordered("le", arguments, std::less_equal<json>()); }
json greater(Arguments arguments) { return ordered("gt", arguments, std::greater<json>()); }
json at_least(Arguments arguments) { return ordered("ge", arguments, std::greater_equal<json>()); }

json all_of(Arguments arguments) {
  need("and", arguments, 1, kNoBound);
  for (const json& value : arguments)
    if (!go_truth(value)) return value;
  return arguments.back();
}

json any_of(Arguments arguments) {
  need("or", arguments, 1, kNoBound);
  for (const json& value : arguments)
    if (go_truth(value)) return value;
  return arguments.back();
}

json negate(Arguments arguments) {
  need("not", arguments, 1, 1);
  return !go_truth(arguments[0]);
}

struct Named {
  std::string_view name;
  TemplateFunction function;
};
constexpr Named kFunctions[] = {
    {"and", all_of},  {"eq", equal},          {"ge", at_least},     {"gt", greater},  {"index", index},
    {"join", join},   {"json", to_json},      {"le", at_most},      {"len", length},  {"lower", lower},
    {"lt", less},     {"ne", unequal},        {"not", negate},      {"or", any_of},   {"pad", pad},
    {"print", print}, {"printf", printf},     {"println", println}, {"slice", slice}, {"split", split},
    {"title", title}, {"truncate", truncate}, {"upper", upper},
};

}  // namespace

TemplateFunction find_template_function(std::string_view name) {
  for (const Named& known : kFunctions)
    if (known.name == name) return known.function;
  return nullptr;
}

std::vector<std::string_view> template_function_names() {
  std::vector<std::string_view> names;
  for (const Named& known : kFunctions) names.push_back(known.name);
  return names;
}

}  // namespace crun::cli
