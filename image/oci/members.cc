#include "image/oci/members.h"

#include <algorithm>

#include "base/json.h"
#include "crun/error.h"

namespace crun::image {

using nlohmann::json;

Members::Members(const json& value, std::string_view name, std::string path)
    : value_(value), name_(name), path_(std::move(path)) {
  if (!value.is_object()) fail("", "is not an object");
}

void Members::fail(std::string_view key, std::string_view what) const {
  std::string where(name_);
  std::string member = path_ + (path_.empty() || key.empty() ? "" : ".") + std::string(key);
  throw Error(ErrorKind::invalid, where + ": " + (member.empty() ? "it" : member) + " " + std::string(what));
}

const json* Members::find(const char* key) const {
  auto found = value_.find(key);
  return found == value_.end() || found->is_null() ? nullptr : &*found;
}

std::string Members::text_of(const json& value, std::string_view key) const {
  if (!value.is_string()) fail(key, "is not a string");
  const std::string& text = value.get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos) fail(key, "holds a NUL byte");
  return text;
}

std::string Members::text(const char* key) const {
  const json* value = find(key);
  return value == nullptr ? "" : text_of(*value, key);
}

std::optional<int64_t> Members::integer(const char* key) const {
  const json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_integer() || (value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX)) {
    fail(key, "is not an integer of 64 bits");
  }
  return value->get<int64_t>();
}

bool Members::boolean(const char* key) const {
  const json* value = find(key);
  if (value == nullptr) return false;
  if (!value->is_boolean()) fail(key, "is neither true nor false");
  return value->get<bool>();
}

std::optional<std::vector<std::string>> Members::texts(const char* key) const {
  const json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) fail(key, "is not a list");
  std::vector<std::string> result;
  for (const json& element : *value) result.push_back(text_of(element, key));
  return result;
}

std::map<std::string, std::string> Members::text_map(const char* key) const {
  std::map<std::string, std::string> result;
  const json* value = find(key);
  if (value == nullptr) return result;
  if (!value->is_object()) fail(key, "is not an object");
  for (const auto& [name, element] : value->items()) {
    if (name.find('\0') != std::string::npos) fail(key, "has a name with a NUL byte");
    result[name] = text_of(element, key);
  }
  return result;
}

std::vector<std::string> Members::keys_of(const char* key) const {
  std::vector<std::string> result;
  const json* value = find(key);
  if (value == nullptr) return result;
  if (!value->is_object()) fail(key, "is not an object");
  for (const auto& item : value->items()) {
    if (item.key().find('\0') != std::string::npos) fail(key, "has a name with a NUL byte");
    result.push_back(item.key());
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::optional<Members> Members::object(const char* key) const {
  const json* value = find(key);
  if (value == nullptr) return std::nullopt;
  return Members(*value, name_, path_.empty() ? key : path_ + "." + key);
}

void Members::objects(const char* key, size_t limit, const std::function<void(const Members&)>& each) const {
  const json* value = find(key);
  if (value == nullptr) return;
  if (!value->is_array()) fail(key, "is not a list");
  if (value->size() > limit) fail(key, "has more than " + std::to_string(limit) + " elements");
  size_t index = 0;
  for (const json& element : *value) {
    std::string path = (path_.empty() ? "" : path_ + ".") + key + "[" + std::to_string(index++) + "]";
    each(Members(element, name_, std::move(path)));
  }
}

std::map<std::string, std::string> Members::others(const std::vector<std::string_view>& known) const {
  std::map<std::string, std::string> result;
  for (const auto& [key, value] : value_.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) result[key] = write_json(value);
  }
  return result;
}

}  // namespace crun::image
