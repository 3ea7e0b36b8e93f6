#include "libcrun/spec/parse.h"

#include <limits>
#include <type_traits>
#include <utility>

#include "crun/error.h"
#include "libcrun/spec/document.h"
#include "libcrun/spec/fields.h"
#include "libcrun/spec/names.h"

namespace crun::spec {
namespace {

// One value of the document and the way that leads to it, spelled out only when an error needs it.
class Node {
 public:
  Node(const JsonValue& value, std::string_view file) : value_(value), file_(file) {}
  Node(const JsonValue& value, const Node& parent, std::string_view key) : value_(value), parent_(&parent), key_(key) {}
  Node(const JsonValue& value, const Node& parent, size_t index) : value_(value), parent_(&parent), index_(index) {}

  const JsonValue& value() const { return value_; }
  bool is(JsonKind kind) const { return value_.kind() == kind; }

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

  JsonValue value_;
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
  if (!node.is(JsonKind::string)) node.fail("must be a string");
  out = node.value().string();
  // Each of them ends up in a system call, which would see a shorter one.
  if (out.find('\0') != std::string::npos) node.fail("holds a NUL byte");
}

void read(const Node& node, bool& out) {
  if (!node.is(JsonKind::boolean)) node.fail("must be true or false");
  out = node.value().boolean();
}

template <typename Int>
requires std::is_integral_v<Int>
void read(const Node& node, Int& out) {
  bool negative = node.is(JsonKind::integer);
  if (!negative && !node.is(JsonKind::unsigned_integer)) node.fail("must be a whole number");
  int64_t below = node.value().integer();
  uint64_t above = node.value().unsigned_integer();
  if (negative ? !std::in_range<Int>(below) : !std::in_range<Int>(above)) {
    node.fail("must be from " + std::to_string(std::numeric_limits<Int>::min()) + " to " +
              std::to_string(std::numeric_limits<Int>::max()) + ", not " +
              (negative ? std::to_string(below) : std::to_string(above)));
  }
  out = negative ? static_cast<Int>(below) : static_cast<Int>(above);
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
  if (!node.is(JsonKind::array)) node.fail("must be a list");
  out.clear();
  out.reserve(node.value().size());
  node.value().each_item([&](const JsonValue& item) {
    Node child(item, node, out.size());
    read(child, out.emplace_back());
  });
}

template <typename Item>
void read(const Node& node, std::map<std::string, Item>& out) {
  if (!node.is(JsonKind::object)) node.fail("must be an object");
  out.clear();
  node.value().each_member([&](std::string_view key, const JsonValue& item) {
    if (key.empty() || key.find('\0') != std::string_view::npos)
      node.fail("has a key that is empty or holds a NUL byte");
    read(Node(item, node, key), out[std::string(key)] = Item{});
  });
}

std::optional<Node> find_member(const Node& node, std::string_view key) {
  JsonValue value;
  // Go's encoder writes null for a list or an object that is not there.
  if (!node.value().find(key, value) || value.kind() == JsonKind::null) return std::nullopt;
  return Node(value, node, key);
}

template <typename Struct, typename Member>
void read_field(const Node& node, const Field<Struct, Member>& field, Struct& out) {
  std::optional<Node> child = find_member(node, field.key);
  if (!child) {
    if (field.presence == Presence::required) node.fail("'" + std::string(field.key) + "' is missing");
    return;
  }
  if (field.inner.empty()) return read(*child, out.*field.member);
  if (!child->is(JsonKind::object)) child->fail("must be an object");
  std::optional<Node> inner = find_member(*child, field.inner);
  if (!inner) child->fail("'" + std::string(field.inner) + "' is missing");
  read(*inner, out.*field.member);
}

template <typename Struct>
requires requires { Fields<Struct>::kTable; }
void read(const Node& node, Struct& out) {
  if (!node.is(JsonKind::object)) node.fail("must be an object");
  std::apply([&](const auto&... field) { (read_field(node, field, out), ...); }, Fields<Struct>::kTable);
}

void read(const Node& node, Rlimit& out) {
  if (!node.is(JsonKind::object)) node.fail("must be an object");
  std::string type;
  read_field(node, required("soft", &Rlimit::soft), out);
  read_field(node, required("hard", &Rlimit::hard), out);
  std::optional<Node> child = find_member(node, "type");
  if (!child) node.fail("'type' is missing");
  read(*child, type);
  std::optional<int> resource = find_rlimit(type);
  if (!resource) child->fail("unknown limit '" + type + "'");
  out.resource = *resource;
}

template <typename Struct>
Struct parse_document(std::string_view text, std::string_view name) {
  Document document(text, name);
  Struct result;
  read(Node(document.root(), name), result);
  return result;
}

constexpr std::string_view kForeignPlatforms[] = {"freebsd", "solaris", "vm", "windows", "zos"};

}  // namespace

Spec parse(std::string_view text, std::string_view name) {
  Document document(text, name);
  Node root(document.root(), name);
  Spec result;
  read(root, result);
  for (std::string_view platform : kForeignPlatforms) {
    if (find_member(root, platform)) result.foreign_platforms.emplace_back(platform);
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
