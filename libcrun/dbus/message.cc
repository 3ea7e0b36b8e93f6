#include "libcrun/dbus/message.h"

#include <array>
#include <cstring>

#include "crun/error.h"

namespace crun::dbus {
namespace {

constexpr uint8_t kLittleEndian = 'l';
constexpr uint8_t kProtocolVersion = 1;
constexpr size_t kLongestMessage = 1 << 20;

// "Header Fields".
enum class HeaderField : uint8_t {
  path = 1,
  interface = 2,
  member = 3,
  error_name = 4,
  reply_serial = 5,
  destination = 6,
  sender = 7,
  signature = 8,
  unix_fds = 9,
};

[[noreturn]] void malformed(const char* what) {
  throw Error(ErrorKind::system, std::string("D-Bus: malformed message: ") + what);
}

uint32_t number_at(std::string_view text, size_t at) {
  uint32_t value = 0;
  memcpy(&value, text.data() + at, sizeof value);
  return value;
}

void write_field(Writer& writer, HeaderField field, std::string_view type, std::string_view value) {
  if (value.empty()) return;
  writer.align(8);
  writer.byte(static_cast<uint8_t>(field));
  writer.signature(type);
  if (type == "g") {
    writer.signature(value);
  } else {
    writer.string(value);
  }
}

void read_field(Reader& reader, Message& message) {
  auto field = static_cast<HeaderField>(reader.byte());
  std::string type = reader.signature();
  if (type == "u") {
    uint32_t value = reader.number();
    if (field == HeaderField::reply_serial) message.reply_serial = value;
    return;
  }
  if (type != "s" && type != "o" && type != "g") malformed("a header field's type");
  std::string value = type == "g" ? reader.signature() : reader.string();
  switch (field) {
    case HeaderField::path: message.path = std::move(value); break;
    case HeaderField::interface: message.interface = std::move(value); break;
    case HeaderField::member: message.member = std::move(value); break;
    case HeaderField::error_name: message.error_name = std::move(value); break;
    case HeaderField::destination: message.destination = std::move(value); break;
    case HeaderField::signature: message.signature = std::move(value); break;
    default: break;  // "Unknown fields must be ignored"
  }
}

// Each alternative of a Value.
struct Write {
  Writer& writer;
  void operator()(bool item) const { writer.number(item ? 1 : 0); }
  void operator()(int32_t item) const { writer.number(static_cast<uint32_t>(item)); }
  void operator()(uint32_t item) const { writer.number(item); }
  void operator()(int64_t item) const { writer.long_number(static_cast<uint64_t>(item)); }
  void operator()(uint64_t item) const { writer.long_number(item); }
  void operator()(const std::string& item) const { writer.string(item); }
  void operator()(const std::pair<std::string, std::string>& item) const {
    writer.align(8);
    writer.string(item.first);
    writer.string(item.second);
  }
  void operator()(const std::pair<std::string, uint64_t>& item) const {
    writer.align(8);
    writer.string(item.first);
    writer.long_number(item.second);
  }
  void operator()(uint8_t item) const { writer.byte(item); }
  template <typename Item>
  void operator()(const std::vector<Item>& items) const {
    constexpr bool kStruct = !std::is_same_v<Item, std::string> && !std::is_arithmetic_v<Item>;
    constexpr size_t kAlignment = kStruct ? 8 : std::is_same_v<Item, uint8_t> ? 1 : 4;
    writer.array(kAlignment, [&] {
      for (const Item& item : items) (*this)(item);
    });
  }
};

}  // namespace

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the message's byte order is the machine's");

std::string_view signature_of(const Value& value) {
  static constexpr std::array<std::string_view, std::variant_size_v<Value>> kSignatures = {
      "b", "i", "u", "x", "t", "s", "as", "ay", "au", "a(ss)", "a(st)"};
  return kSignatures[value.index()];
}

void Writer::number(uint32_t value) {
  align(sizeof value);
  text_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void Writer::long_number(uint64_t value) {
  align(sizeof value);
  text_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void Writer::string(std::string_view value) {
  number(static_cast<uint32_t>(value.size()));
  text_.append(value).push_back('\0');
}

void Writer::signature(std::string_view value) {
  byte(static_cast<uint8_t>(value.size()));
  text_.append(value).push_back('\0');
}

void Writer::put(size_t at, uint32_t value) { memcpy(text_.data() + at, &value, sizeof value); }

void Writer::value(const Value& value) { std::visit(Write{*this}, value); }

void Writer::variant(const Value& value) {
  signature(signature_of(value));
  this->value(value);
}

void Writer::properties(const Properties& properties) {
  array(8, [&] {
    for (const Property& property : properties) {
      align(8);
      string(property.name);
      variant(property.value);
    }
  });
}

void Reader::need(size_t count) const {
  if (at_ > text_.size() || text_.size() - at_ < count) malformed("it ends too early");
}

void Reader::align(size_t to) { at_ = (at_ + to - 1) / to * to; }

uint8_t Reader::byte() {
  need(1);
  return static_cast<uint8_t>(text_[at_++]);
}

uint32_t Reader::number() {
  align(sizeof(uint32_t));
  need(sizeof(uint32_t));
  uint32_t value = number_at(text_, at_);
  at_ += sizeof value;
  return value;
}

std::string Reader::text_of(size_t length) {
  need(length + 1);
  std::string value(text_.substr(at_, length));
  at_ += length + 1;
  return value;
}

std::string Reader::string() { return text_of(number()); }
std::string Reader::signature() { return text_of(byte()); }

std::string Reader::variant_string() {
  std::string type = signature();
  if (type != "s" && type != "o") malformed("a text was expected");
  return string();
}

std::string marshal(const Message& message) {
  Writer writer;
  writer.byte(kLittleEndian);
  writer.byte(static_cast<uint8_t>(message.type));
  writer.byte(0);  // flags
  writer.byte(kProtocolVersion);
  writer.number(static_cast<uint32_t>(message.body.size()));
  writer.number(message.serial);
  writer.array(8, [&] {
    write_field(writer, HeaderField::path, "o", message.path);
    write_field(writer, HeaderField::interface, "s", message.interface);
    write_field(writer, HeaderField::member, "s", message.member);
    write_field(writer, HeaderField::destination, "s", message.destination);
    write_field(writer, HeaderField::signature, "g", message.signature);
  });
  writer.align(8);
  return writer.take() + message.body;
}

size_t message_size(std::string_view first_bytes) {
  if (first_bytes.size() < kFixedHeader) malformed("it ends too early");
  if (static_cast<uint8_t>(first_bytes[0]) != kLittleEndian) malformed("its byte order is another machine's");
  size_t body = number_at(first_bytes, 4);
  size_t fields = number_at(first_bytes, 12);
  if (body > kLongestMessage || fields > kLongestMessage) malformed("it is longer than a megabyte");
  return (kFixedHeader + fields + 7) / 8 * 8 + body;
}

Message unmarshal(std::string_view text) {
  size_t size = message_size(text);
  if (text.size() != size) malformed("its length");
  size_t body_size = number_at(text, 4);
  size_t fields_end = kFixedHeader + number_at(text, 12);
  Message message;
  message.type = static_cast<MessageType>(text[1]);
  message.serial = number_at(text, 8);
  message.body = std::string(text.substr(size - body_size));
  // The fields' alignment counts from the message's begin.
  Reader reader(text.substr(0, fields_end));
  for (size_t i = 0; i < kFixedHeader; ++i) reader.byte();
  while (!reader.at_end()) {
    reader.align(8);
    read_field(reader, message);
  }
  return message;
}

}  // namespace crun::dbus
