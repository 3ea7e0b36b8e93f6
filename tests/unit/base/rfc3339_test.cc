#include "base/rfc3339.h"

#include <doctest/doctest.h>

#include "crun/error.h"

using crun::format_rfc3339;
using crun::parse_rfc3339;

TEST_CASE("times go to text and back") {
  CHECK(format_rfc3339(0) == "1970-01-01T00:00:00.000000000Z");
  CHECK(format_rfc3339(-1) == "1969-12-31T23:59:59.999999999Z");
  for (int64_t time : {int64_t{0}, int64_t{-1}, int64_t{1'795'158'717'000'000'001}}) {
    CHECK(parse_rfc3339(format_rfc3339(time)) == time);
  }
}

TEST_CASE("offsets and short fractions are understood") {
  CHECK(parse_rfc3339("1970-01-01T01:00:00+01:00") == 0);
  CHECK(parse_rfc3339("1970-01-01T00:00:00.5Z") == 500'000'000);
}

TEST_CASE("what is no time is refused") {
  for (const char* text :
       {"", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01T00:00:00Zx", "1970-01-01T00:00:00.Z"}) {
    CHECK_THROWS_AS(parse_rfc3339(text), crun::Error);
  }
}
