#include "libcrun/dbus/message.h"

#include <doctest/doctest.h>

#include "crun/error.h"
#include "libcrun/dbus/connection.h"

namespace crun::dbus {
namespace {

std::string hex(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string result;
  for (char c : text) {
    auto byte = static_cast<uint8_t>(c);
    result += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return result;
}

template <typename Write>
std::string written(const Write& write) {
  Writer writer;
  write(writer);
  return hex(writer.text());
}

TEST_CASE("basic values are aligned to their size") {
  CHECK(written([](Writer& w) {
          w.byte(1);
          w.number(2);
        }) == "0100000002000000");
  CHECK(written([](Writer& w) {
          w.byte(1);
          w.long_number(2);
        }) == "01000000000000000200000000000000");
  CHECK(written([](Writer& w) { w.string("foo"); }) == "03000000666f6f00");
  CHECK(written([](Writer& w) { w.signature("a(ss)"); }) == "05612873732900");
}

TEST_CASE("an array's length counts its elements, and not the padding before the first") {
  CHECK(written([](Writer& w) { w.value(Numbers{7, 8}); }) == "080000000700000008000000");
  CHECK(written([](Writer& w) { w.value(Bytes{1, 2, 3}); }) == "03000000010203");
  CHECK(written([](Writer& w) { w.value(Strings{}); }) == "00000000");
  CHECK(written([](Writer& w) { w.value(StringNumbers{}); }) == "0000000000000000");
  CHECK(written([](Writer& w) {
          w.value(StringNumbers{{"a", 5}});
        }) ==
        "10000000"
        "00000000"
        "0100000061000000"
        "0500000000000000");
}

TEST_CASE("a property is a struct of a name and a variant") {
  CHECK(written([](Writer& w) {
          w.properties({{"P", true}});
        }) ==
        "10000000"
        "00000000"
        "01000000"
        "5000"
        "016200"
        "000000"
        "01000000");
}

TEST_CASE("a call's header is the specification's, field for field") {
  Message call;
  call.serial = 1;
  call.destination = "org.freedesktop.DBus";
  call.path = "/org/freedesktop/DBus";
  call.interface = "org.freedesktop.DBus";
  call.member = "Hello";
  CHECK(hex(marshal(call)) ==
        "6c01000100000000010000006d000000"
        "01016f00150000002f6f72672f667265656465736b746f702f44427573000000"
        "02017300140000006f72672e667265656465736b746f702e4442757300000000"
        "030173000500000048656c6c6f00000006017300140000006f72672e66726565"
        "6465736b746f702e4442757300000000");
}

TEST_CASE("what is marshalled is read back") {
  Message call;
  call.serial = 9;
  call.path = "/a/b";
  call.interface = "c.d";
  call.member = "E";
  call.destination = "f.g";
  call.signature = "su";
  Writer body;
  body.string("text");
  body.number(77);
  call.body = body.take();
  std::string text = marshal(call);
  CHECK(message_size(text) == text.size());
  Message read = unmarshal(text);
  CHECK(read.serial == 9);
  CHECK(read.path == "/a/b");
  CHECK(read.member == "E");
  CHECK(read.destination == "f.g");
  CHECK(read.signature == "su");
  Reader reader(read.body);
  CHECK(reader.string() == "text");
  CHECK(reader.number() == 77);
  CHECK(reader.at_end());
}

TEST_CASE("damaged messages are errors, wherever they are cut or changed") {
  Message call;
  call.serial = 9;
  call.path = "/a/b";
  call.member = "E";
  call.signature = "s";
  Writer body;
  body.string("text");
  call.body = body.take();
  const std::string good = marshal(call);
  for (size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(unmarshal(good.substr(0, size)), Error);
  }
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(0xff);
    try {
      Message read = unmarshal(bad);
      Reader(read.body).string();
    } catch (const Error&) {
      // Either is fine: it may not read beyond the text (the sanitizer's build looks).
    }
  }
  CHECK_THROWS_AS(message_size("B000000000000000"), Error);
  CHECK_THROWS_AS(message_size(std::string("l\1\0\1\377\377\377\377\1\0\0\0\0\0\0\0", 16)), Error);
}

TEST_CASE("a variant that holds no text is an error") {
  Writer writer;
  writer.variant(Value(uint32_t{5}));
  CHECK_THROWS_AS(Reader(writer.text()).variant_string(), Error);
  Writer text;
  text.variant(Value(std::string("x")));
  CHECK(Reader(text.text()).variant_string() == "x");
}

TEST_CASE("addresses: the first unix socket, with its escapes") {
  auto path = [](std::string_view text) {
    std::optional<Address> address = parse_address(text);
    return address ? (address->abstract ? "@" : "") + address->path : "none";
  };
  CHECK(path("unix:path=/run/dbus/system_bus_socket") == "/run/dbus/system_bus_socket");
  CHECK(path("tcp:host=a,port=1;unix:guid=12,path=/b%20c") == "/b c");
  CHECK(path("unix:abstract=/tmp/dbus-x,guid=1") == "@/tmp/dbus-x");
  CHECK(path("unix:path=") == "none");
  CHECK(path("") == "none");
}

}  // namespace
}  // namespace crun::dbus
