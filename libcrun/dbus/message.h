// Messages of D-Bus: enough of the wire format to call methods and to understand what comes back.
// Source: the D-Bus specification, "Marshaling" and "Message Protocol", protocol version 1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace crun::dbus {

// A value with its type: each alternative is one signature (signature_of).
using Strings = std::vector<std::string>;                              // as
using Bytes = std::vector<uint8_t>;                                    // ay
using Numbers = std::vector<uint32_t>;                                 // au
using StringPairs = std::vector<std::pair<std::string, std::string>>;  // a(ss)
using StringNumbers = std::vector<std::pair<std::string, uint64_t>>;   // a(st)
using Value = std::variant<bool, int32_t, uint32_t, int64_t, uint64_t, std::string, Strings, Bytes, Numbers,
                           StringPairs, StringNumbers>;
std::string_view signature_of(const Value& value);

// A member of an array of type (sv): what systemd calls a property.
struct Property {
  std::string name;
  Value value;
  bool operator==(const Property&) const = default;
};
using Properties = std::vector<Property>;

// Marshals values one after the other, little-endian. The text starts at a multiple of eight.
class Writer {
 public:
  void byte(uint8_t value) { text_.push_back(static_cast<char>(value)); }
  void number(uint32_t value);          // u, also b
  void long_number(uint64_t value);     // t
  void string(std::string_view value);  // s, o
  void signature(std::string_view value);
  void variant(const Value& value);
  void properties(const Properties& properties);  // a(sv)
  void value(const Value& value);                 // without its signature
  void align(size_t to) { text_.resize((text_.size() + to - 1) / to * to); }

  // An array's length is known at its end: fill writes the elements, each aligned to `alignment`.
  template <typename Fill>
  void array(size_t alignment, const Fill& fill) {
    number(0);
    size_t length_at = text_.size() - sizeof(uint32_t);
    align(alignment);
    size_t begin = text_.size();
    fill();
    put(length_at, static_cast<uint32_t>(text_.size() - begin));
  }

  const std::string& text() const noexcept { return text_; }
  std::string take() noexcept { return std::move(text_); }

 private:
  void put(size_t at, uint32_t value);
  std::string text_;
};

// The reverse. Every read is checked against the text's end. Throws Error{system}.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  uint8_t byte();
  uint32_t number();
  std::string string();
  std::string signature();
  std::string variant_string();  // Throws where it holds anything else
  void align(size_t to);
  bool at_end() const noexcept { return at_ >= text_.size(); }

 private:
  void need(size_t count) const;
  std::string text_of(size_t length);
  std::string_view text_;
  size_t at_ = 0;
};

enum class MessageType : uint8_t { method_call = 1, method_return = 2, error = 3, signal = 4 };

struct Message {
  MessageType type = MessageType::method_call;
  uint32_t serial = 0;
  uint32_t reply_serial = 0;
  std::string path;
  std::string interface;
  std::string member;
  std::string error_name;
  std::string destination;
  std::string signature;  // of the body
  std::string body;
};

std::string marshal(const Message& message);

// How long the message is that starts with these sixteen bytes. Throws Error{system} for what is none, or is longer
// than a megabyte: systemd has nothing to tell us that long.
inline constexpr size_t kFixedHeader = 16;
size_t message_size(std::string_view first_bytes);
// text: all of it.
Message unmarshal(std::string_view text);

}  // namespace crun::dbus
