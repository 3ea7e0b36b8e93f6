#include "libcrun/spec/write.h"

#include <nlohmann/json.hpp>
#include <type_traits>

#include "base/json.h"
#include "libcrun/spec/fields.h"
#include "libcrun/spec/names.h"

namespace crun::spec {
namespace {

using nlohmann::json;

template <typename Struct>
requires requires { Fields<Struct>::kTable; }
json to_json(const Struct& value);
template <typename Item>
json to_json(const std::optional<Item>& value);
template <typename Item>
json to_json(const std::vector<Item>& items);
template <typename Item>
json to_json(const std::map<std::string, Item>& items);

json to_json(const std::string& value) { return value; }

template <typename Number>
requires std::is_integral_v<Number> json to_json(Number value) { return value; }

template <typename Enum>
requires std::is_enum_v<Enum> json to_json(Enum value) { return std::string(name_of(value)); }

json to_json(const Rlimit& limit) {
  return {{"type", std::string(rlimit_name(limit.resource))}, {"soft", limit.soft}, {"hard", limit.hard}};
}

template <typename Item>
json to_json(const std::optional<Item>& value) {
  return value ? to_json(*value) : json();
}

template <typename Item>
json to_json(const std::vector<Item>& items) {
  json result = json::array();
  for (const Item& item : items) result.push_back(to_json(item));
  return result;
}

template <typename Item>
json to_json(const std::map<std::string, Item>& items) {
  json result = json::object();
  for (const auto& [key, item] : items) result[key] = to_json(item);
  return result;
}

// What reads back the same where it is not written at all.
template <typename Member>
bool is_default(const Member& member) {
  if constexpr (std::is_enum_v<Member>) {
    return false;
  } else {
    static const Member kDefault{};
    return member == kDefault;
  }
}

template <typename Struct, typename Member>
void write_field(json& object, const Field<Struct, Member>& field, const Struct& value) {
  const Member& member = value.*field.member;
  if (field.presence == Presence::optional && is_default(member)) return;
  json& place = field.inner.empty() ? object[field.key] : object[field.key][field.inner];
  place = to_json(member);
}

template <typename Struct>
requires requires { Fields<Struct>::kTable; }
json to_json(const Struct& value) {
  json result = json::object();
  std::apply([&](const auto&... field) { (write_field(result, field, value), ...); }, Fields<Struct>::kTable);
  return result;
}

json document(const Spec& spec) {
  json result = to_json(spec);
  for (const std::string& platform : spec.foreign_platforms) result[platform] = json::object();
  return result;
}

}  // namespace

std::string write(const Spec& spec) { return write_json(document(spec)); }
std::string write_indented(const Spec& spec) {
  return document(spec).dump(4, ' ', false, json::error_handler_t::replace) + "\n";
}
std::string write(const Process& process) { return write_json(to_json(process)); }
std::string write(const Resources& resources) { return write_json(to_json(resources)); }
std::string write(const Seccomp& seccomp) { return write_json(to_json(seccomp)); }
std::string write(const State& state) { return write_json(to_json(state)); }

}  // namespace crun::spec
