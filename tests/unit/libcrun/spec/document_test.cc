#include "libcrun/spec/document.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "base/json.h"
#include "crun/error.h"
#include "libcrun/spec/default_spec.h"
#include "libcrun/spec/write.h"

namespace crun::spec {
namespace {

using nlohmann::json;

// The same tree by the other library.
json to_json(const JsonValue& value) {
  switch (value.kind()) {
    case JsonKind::null: return nullptr;
    case JsonKind::boolean: return value.boolean();
    case JsonKind::integer: return value.integer();
    case JsonKind::unsigned_integer: return value.unsigned_integer();
    case JsonKind::real: return json::parse(value.string());
    case JsonKind::string: return std::string(value.string());
    case JsonKind::array: {
      json result = json::array();
      value.each_item([&](const JsonValue& item) { result.push_back(to_json(item)); });
      CHECK(result.size() == value.size());
      return result;
    }
    case JsonKind::object: {
      json result = json::object();
      value.each_member(
          [&](std::string_view name, const JsonValue& member) { result[std::string(name)] = to_json(member); });
      return result;
    }
  }
  return nullptr;
}

std::optional<json> ours(const std::string& text) {
  try {
    Document document(text, "text");
    return to_json(document.root());
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<json> theirs(const std::string& text) {
  try {
    return parse_json(text, "text");
  } catch (const Error&) {
    return std::nullopt;
  }
}

TEST_CASE("what is JSON is read as the other library reads it, and nothing else is taken") {
  for (const char* text :
       {"{}", "[]", " [ 1 , -2 , 3.5e+2 , true , false , null , \"x\" ] ", R"({"a": {"b": [[], {}]}, "c": ""})",
        R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")", "18446744073709551615", "18446744073709551616",
        "-9223372036854775808", "-9223372036854775809", "-0", "0", "0.5", "1E5",
        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", R"({"a": 1, "a": 2})", "\xef\xbb\xbf{}",
        // Not JSON.
        "", " ", "{", "}", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a: 1}", "[1 2]", "01", "-", "1.", ".5", "1e", "+1", "tru",
        "nulls", "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\n\"",
        "\"\x01\"", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "{} {}",
        "[1]x", "'a'", "{,}", "\"\\u00g0\"", "\"\\u+041\"", "NaN", "// x\n1"}) {
    CAPTURE(text);
    CHECK(ours(text) == theirs(text));
  }
}

TEST_CASE("depth and length are bounded") {
  std::string deep(64, '[');
  CHECK(ours(deep + std::string(64, ']')).has_value());
  CHECK_FALSE(ours("[" + deep + std::string(65, ']')).has_value());
  CHECK_FALSE(ours(std::string(100000, '[')).has_value());
  CHECK_FALSE(ours("\"" + std::string(5 << 20, 'x') + "\"").has_value());
}

TEST_CASE("errors are those of every other document") {
  CHECK_THROWS_WITH_AS(Document("{\n \"a\" 1}", "x.json"), "x.json: not JSON at line 2, column 6", Error);
}

TEST_CASE("members are found by name, the last of two alike") {
  Document document(R"({"a": 1, "b": 2, "a": 3})", "text");
  JsonValue value;
  REQUIRE(document.root().find("a", value));
  CHECK(value.unsigned_integer() == 3);
  CHECK_FALSE(document.root().find("c", value));
}

// A fixed seed: a failure comes back.
TEST_CASE("four thousand damaged configs: both libraries agree on each") {
  std::mt19937 random(20261120);
  const std::string whole = write_indented(default_spec());
  constexpr std::string_view kBytes = "{}[]\",:\\ 0123456789.eE+-tfnu\n\x01\xc3\xa9\xff";
  for (int round = 0; round < 4000; ++round) {
    size_t start = random() % whole.size();
    std::string text = round % 2 == 0 ? whole : whole.substr(start, random() % 60);
    for (unsigned change = random() % 4; change > 0 && !text.empty(); --change) {
      size_t at = random() % text.size();
      char byte = kBytes[random() % kBytes.size()];
      switch (random() % 3) {
        case 0: text[at] = byte; break;
        case 1: text.insert(at, 1, byte); break;
        default: text.erase(at, 1); break;
      }
    }
    std::optional<json> left = ours(text);
    std::optional<json> right = theirs(text);
    if (left != right) {
      CAPTURE(text);
      CHECK(left.has_value() == right.has_value());
      CHECK(left == right);
    }
  }
}

}  // namespace
}  // namespace crun::spec
