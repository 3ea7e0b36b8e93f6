// Properties of the unit that a container's annotations name.
#include <algorithm>
#include <charconv>

#include "crun/error.h"
#include "libcrun/cgroup/systemd_unit.h"

namespace crun::cgroup {
namespace {

constexpr std::string_view kPrefix = "org.systemd.property.";

// GVariant's text form, as far as units have use for it.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::optional<dbus::Value> all() {
    std::optional<dbus::Value> result = value();
    skip_blanks();
    return rest_.empty() ? result : std::nullopt;
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }

  bool take(std::string_view token) {
    skip_blanks();
    if (rest_.substr(0, token.size()) != token) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  template <typename Number>
  std::optional<dbus::Value> number() {
    skip_blanks();
    Number value = 0;
    auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return dbus::Value(value);
  }

  std::optional<std::string> text() {
    skip_blanks();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) return std::nullopt;
    char quote = rest_.front();
    std::string result;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == quote) {
        rest_.remove_prefix(i + 1);
        return result;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      result.push_back(rest_[i]);
    }
    return std::nullopt;
  }

  std::optional<dbus::Value> texts() {
    dbus::Strings list;
    if (take("]")) return dbus::Value(list);
    do {
      std::optional<std::string> item = text();
      if (!item) return std::nullopt;
      list.push_back(std::move(*item));
    } while (take(","));
    return take("]") ? std::optional<dbus::Value>(list) : std::nullopt;
  }

  std::optional<dbus::Value> value() {
    if (take("true")) return dbus::Value(true);
    if (take("false")) return dbus::Value(false);
    if (take("uint64 ")) return number<uint64_t>();
    if (take("int64 ")) return number<int64_t>();
    if (take("uint32 ")) return number<uint32_t>();
    if (take("int32 ")) return number<int32_t>();
    if (take("[")) return texts();
    if (std::optional<std::string> plain = text()) return dbus::Value(*plain);
    return number<int32_t>();  // what a number without its type is
  }

  std::string_view rest_;
};

[[noreturn]] void invalid(const std::string& annotation, const char* why) {
  throw Error(ErrorKind::invalid, "annotation " + annotation + ": " + why);
}

// "TimeoutStopSec": "uint64 10": D-Bus has microseconds, under another name.
dbus::Property seconds(const std::string& annotation, const std::string& name, const dbus::Value& value) {
  constexpr uint64_t kMicroseconds = 1000000;
  std::optional<uint64_t> number = std::visit(
      [](const auto& item) -> std::optional<uint64_t> {
        using Item = std::decay_t<decltype(item)>;
        if constexpr (std::is_integral_v<Item> && !std::is_same_v<Item, bool>) {
          if (item >= 0) return static_cast<uint64_t>(item);
        }
        return std::nullopt;
      },
      value);
  if (!number || *number > UINT64_MAX / kMicroseconds) {
    invalid(annotation, "is not a number of seconds");
  }
  return {name.substr(0, name.size() - 3) + "USec", *number * kMicroseconds};
}

}  // namespace

dbus::Properties annotated_properties(const spec::StringMap& annotations) {
  dbus::Properties properties;
  for (const auto& [annotation, text] : annotations) {
    if (annotation.compare(0, kPrefix.size(), kPrefix) != 0) continue;
    std::string name = annotation.substr(kPrefix.size());
    bool letters = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
    if (!letters) invalid(annotation, "is not the name of a property");
    std::optional<dbus::Value> value = Parser(text).all();
    if (!value) invalid(annotation, "is not a value such as 'text', true, uint64 5 or ['a', 'b']");
    bool in_seconds = name.size() > 3 && name.compare(name.size() - 3, 3, "Sec") == 0 &&
                      (name.size() < 4 || name.compare(name.size() - 4, 4, "USec") != 0);
    properties.push_back(in_seconds ? seconds(annotation, name, *value) : dbus::Property{name, std::move(*value)});
  }
  return properties;
}

}  // namespace crun::cgroup
