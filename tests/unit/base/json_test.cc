#include "base/json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "crun/error.h"

using crun::Error;
using crun::parse_json;

TEST_CASE("an error says line and column") {
  try {
    parse_json("{\n  \"a\": ?\n}", "config.json");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.text() == "config.json: not JSON at line 2, column 8");
    CHECK(error.kind() == crun::ErrorKind::invalid);
  }
}

TEST_CASE("deep and long texts are refused before they are parsed") {
  CHECK_THROWS_AS(parse_json(std::string(100000, '['), "deep"), Error);
  CHECK_THROWS_AS(parse_json("[1]", "long", {.bytes = 2}), Error);
  CHECK_NOTHROW(parse_json("\"" + std::string(1000, '[') + "\"", "brackets in a string"));
}

TEST_CASE("output is canonical and never throws on bytes that are not UTF-8") {
  CHECK(crun::write_json(parse_json(R"({"b":1,"a":[true,null]})", "x")) == R"({"a":[true,null],"b":1})");
  CHECK_NOTHROW(crun::write_json(nlohmann::json("\xff")));
}
