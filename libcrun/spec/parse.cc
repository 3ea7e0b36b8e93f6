#include "libcrun/spec/parse.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "base/json.h"
#include "crun/error.h"
#include "libcrun/spec/fields.h"
#include "libcrun/spec/names.h"

namespace crun::spec {
namespace {

using nlohmann::json;

// One value of the document and the way that leads to it, spelled out only when an error needs it.
class Node {
 public:
  Node(const json& value, std::string_view file) : value_(value), file_(file) {}
  Node(const json& value, const Node& parent, std::string_view key) : value_(value), parent_(&parent), key_(key) {}
  Node(const json& value, const Node& parent, size_t index) : value_(value), parent_(&parent), index_(index) {}

  const json& value() const { return value_; }

  [[noreturn]] void fail(std::string_view text) const {
    std::string place = path();
    throw Error(ErrorKind::invalid,
                std::string(file()) + ": " + (place.empty() ? "" : place + ": ") + std::string(text));
  }

 private:
  std::string_view file() const { return parent_ != nullptr ? parent_->file() : file_; }
  std::string path() const {
    if (parent_ == nullptr) return {};
    std::string before = parent_->path();
    if (key_.empty()) return before + "[" + std::to_string(index_) + "]";
    return before.empty() ? std::string(key_) : before + "." + std::string(key_);
  }

  const json& value_;
  const Node* parent_ = nullptr;
  std::string_view file_;
  std::string_view key_;
  size_t index_ = 0;
};

template <typename Struct>
requires requires { Fields<Struct>::kTable; }
void read(const Node& node, Struct& out);
template <typename Item>
void read(const Node& node, std::optional<Item>& out);
template <typename Item>
void read(const Node& node, std::vector<Item>& out);
template <typename Item>
void read(const Node& node, std::map<std::string, Item>& out);
void read(const Node& node, Rlimit& out);

void read(const Node& node, std::string& out) {
  if (!node.value().is_string()) node.fail("must be a string");
  out = node.value().get_ref<const std::string&>();
  // Each of them ends up in a system call, which would see a shorter one.
  if (out.find('\0') != std::string::npos) node.fail("holds a NUL byte");
}

void read(const Node& node, bool& out) {
  if (!node.value().is_boolean()) node.fail("must be true or false");
  out = node.value().get<bool>();
}

template <typename Int>
requires std::is_integral_v<Int>
void read(const Node& node, Int& out) {
  const json& value = node.value();
  if (!value.is_number_integer()) node.fail("must be a whole number");
  bool fits =
      value.is_number_unsigned() ? std::in_range<Int>(value.get<uint64_t>()) : std::in_range<Int>(value.get<int64_t>());
  if (!fits) {
    node.fail("must be from " + std::to_string(std::numeric_limits<Int>::min()) + " to " +
              std::to_string(std::numeric_limits<Int>::max()) + ", not " + value.dump());
  }
  out = value.is_number_unsigned() ? static_cast<Int>(value.get<uint64_t>()) : static_cast<Int>(value.get<int64_t>());
}

template <typename Enum>
requires std::is_enum_v<Enum>
void read(const Node& node, Enum& out) {
  std::string text;
  read(node, text);
  std::optional<Enum> value = find_named<Enum>(text);
  if (!value) node.fail("unknown " + std::string(Names<Enum>::kWhat) + " '" + text + "'");
  out = *value;
}

// Engines write a rule for "every device" with an empty type as well as with "a".
void read(const Node& node, DeviceType& out) {
  std::string text;
  read(node, text);
  std::optional<DeviceType> value = text.empty() ? DeviceType::all : find_named<DeviceType>(text);
  if (!value) node.fail("unknown device type '" + text + "'");
  out = *value;
}

template <typename Item>
void read(const Node& node, std::optional<Item>& out) {
  read(node, out.emplace());
}

template <typename Item>
void read(const Node& node, std::vector<Item>& out) {
  if (!node.value().is_array()) node.fail("must be a list");
  out.clear();
  out.reserve(node.value().size());
  for (const json& item : node.value()) {
    Node child(item, node, out.size());
    read(child, out.emplace_back());
  }
}

template <typename Item>
void read(const Node& node, std::map<std::string, Item>& out) {
  if (!node.value().is_object()) node.fail("must be an object");
  out.clear();
  for (const auto& [key, item] : node.value().get_ref<const json::object_t&>()) {
    Node entry(item, node, key);
    if (key.empty() || key.find('\0') != std::string::npos) node.fail("has a key that is empty or holds a NUL byte");
    read(entry, out[key]);
  }
}

const json* find_member(const Node& node, std::string_view key) {
  const auto& object = node.value().get_ref<const json::object_t&>();
  auto found = object.find(key);
  // Go's encoder writes null for a list or an object that is not there.
  return found == object.end() || found->second.is_null() ? nullptr : &found->second;
}

template <typename Struct, typename Member>
void read_field(const Node& node, const Field<Struct, Member>& field, Struct& out) {
  const json* value = find_member(node, field.key);
  if (value == nullptr) {
    if (field.presence == Presence::required) node.fail("'" + std::string(field.key) + "' is missing");
    return;
  }
  Node child(*value, node, field.key);
  if (field.inner.empty()) return read(child, out.*field.member);
  if (!value->is_object()) child.fail("must be an object");
  const json* inner = find_member(child, field.inner);
  if (inner == nullptr) child.fail("'" + std::string(field.inner) + "' is missing");
  read(Node(*inner, child, field.inner), out.*field.member);
}

template <typename Struct>
requires requires { Fields<Struct>::kTable; }
void read(const Node& node, Struct& out) {
  if (!node.value().is_object()) node.fail("must be an object");
  std::apply([&](const auto&... field) { (read_field(node, field, out), ...); }, Fields<Struct>::kTable);
}

void read(const Node& node, Rlimit& out) {
  if (!node.value().is_object()) node.fail("must be an object");
  std::string type;
  read_field(node, required("soft", &Rlimit::soft), out);
  read_field(node, required("hard", &Rlimit::hard), out);
  const json* value = find_member(node, "type");
  if (value == nullptr) node.fail("'type' is missing");
  Node child(*value, node, "type");
  read(child, type);
  std::optional<int> resource = find_rlimit(type);
  if (!resource) child.fail("unknown limit '" + type + "'");
  out.resource = *resource;
}

template <typename Struct>
Struct parse_document(std::string_view text, std::string_view name) {
  json document = parse_json(text, name);
  Struct result;
  read(Node(document, name), result);
  return result;
}

constexpr std::string_view kForeignPlatforms[] = {"freebsd", "solaris", "vm", "windows", "zos"};

}  // namespace

Spec parse(std::string_view text, std::string_view name) {
  json document = parse_json(text, name);
  Node root(document, name);
  Spec result;
  read(root, result);
  for (std::string_view platform : kForeignPlatforms) {
    if (find_member(root, platform) != nullptr) result.foreign_platforms.emplace_back(platform);
  }
  return result;
}

Process parse_process(std::string_view text, std::string_view name) { return parse_document<Process>(text, name); }
Resources parse_resources(std::string_view text, std::string_view name) {
  return parse_document<Resources>(text, name);
}
Seccomp parse_seccomp(std::string_view text, std::string_view name) { return parse_document<Seccomp>(text, name); }
State parse_state(std::string_view text, std::string_view name) { return parse_document<State>(text, name); }

}  // namespace crun::spec
