#include "cli/ctr/human.h"

#include <doctest/doctest.h>
#include <time.h>

#include <cstdlib>

#include "cli/ctr/text.h"
#include "crun/error.h"

using namespace crun::cli;
using crun::Error;

namespace {
constexpr int64_t kSecond = 1'000'000'000;
}

TEST_CASE("sizes people read") {
  CHECK(human_size(0) == "0B");
  CHECK(human_size(999) == "999B");
  CHECK(human_size(1000) == "1kB");
  CHECK(human_size(4263840, 3) == "4.26MB");
  CHECK(human_size(77800000, 3) == "77.8MB");
  CHECK(human_size(1.5e9) == "1.5GB");
}

TEST_CASE("sizes people type") {
  CHECK(parse_memory("512") == 512);
  CHECK(parse_memory("512b") == 512);
  CHECK(parse_memory("4k") == 4096);
  CHECK(parse_memory("4K") == 4096);
  CHECK(parse_memory("512m") == 512 << 20);
  CHECK(parse_memory("1.5g") == 3ll << 29);
  CHECK(parse_memory("64MiB") == 64 << 20);
  CHECK(parse_memory("64mb") == 64 << 20);
  CHECK(parse_memory("1 GB") == 1 << 30);
  CHECK(parse_decimal_size("10m") == 10'000'000);
  for (const char* wrong : {"", "m", "-1", "1x", "1mm", "1bb", "1 2", "9999999999g", "0x10", "1e3"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_memory(wrong), Error);
  }
}

TEST_CASE("cpus are exact") {
  CHECK(parse_cpus("2") == 2 * kSecond);
  CHECK(parse_cpus("0.1") == 100'000'000);
  CHECK(parse_cpus(".5") == 500'000'000);
  CHECK(parse_cpus("0.000000001") == 1);
  for (const char* wrong : {"", ".", "-1", "1.2.3", "1e3", "0.0000000001", "99999999"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_cpus(wrong), Error);
  }
}

TEST_CASE("durations people read, at their borders") {
  CHECK(human_duration(kSecond / 2) == "Less than a second");
  CHECK(human_duration(kSecond) == "1 second");
  CHECK(human_duration(59 * kSecond) == "59 seconds");
  CHECK(human_duration(60 * kSecond) == "About a minute");
  CHECK(human_duration(120 * kSecond) == "2 minutes");
  CHECK(human_duration(3599 * kSecond) == "59 minutes");
  CHECK(human_duration(3600 * kSecond) == "About an hour");
  CHECK(human_duration(5400 * kSecond) == "2 hours");
  CHECK(human_duration(47 * 3600 * kSecond) == "47 hours");
  CHECK(human_duration(48 * 3600 * kSecond) == "2 days");
  CHECK(human_duration(14 * 86400 * kSecond) == "2 weeks");
  CHECK(human_duration(60 * 86400 * kSecond) == "2 months");
  CHECK(human_duration(730 * 86400 * kSecond) == "2 years");
}

TEST_CASE("spans and moments people type") {
  CHECK(parse_duration("1h30m") == 5400 * kSecond);
  CHECK(parse_duration("300ms") == 300'000'000);
  CHECK(parse_duration("1.5s") == 1'500'000'000);
  for (const char* wrong : {"", "1", "h", "1x", "1h30"}) CHECK_THROWS_AS(parse_duration(wrong), Error);
  setenv("TZ", "UTC", 1);
  tzset();
  const int64_t now = 1'000'000 * kSecond;
  CHECK(parse_moment("10m", now) == now - 600 * kSecond);
  CHECK(parse_moment("1700000000", now) == 1'700'000'000 * kSecond);
  CHECK(parse_moment("1700000000.000000001", now) == 1'700'000'000 * kSecond + 1);
  CHECK(parse_moment("1970-01-02", now) == 86400 * kSecond);
  CHECK(parse_moment("1970-01-01T00:01", now) == 60 * kSecond);
  CHECK(parse_moment("1970-01-01T01:00:00+01:00", now) == 0);
  CHECK(parse_moment("1970-01-01T00:00:00.5Z", now) == kSecond / 2);
  for (const char* wrong : {"", "yesterday", "1970-13-01", "1970-01-01T00:00:00+1", "1.2.3"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_moment(wrong, now), Error);
  }
}

TEST_CASE("files of variables, by docker's rules") {
  using Words = std::vector<std::string>;
  CHECK(parse_env_file("\xef\xbb\xbf# remark\n\n  A=1 \nB=\"q\"\r\nC\nD=a=b#c\n \t\nE=", "f") ==
        Words{"A=1 ", "B=\"q\"", "C", "D=a=b#c", "E="});
  CHECK(parse_env_file("", "f").empty());
  CHECK_THROWS_WITH_AS(parse_env_file("A=1\n=x", "f"), "f: line 2: no name before the '='", Error);
  CHECK_THROWS_WITH_AS(parse_env_file("export A=1", "f"), "f: line 1: the name 'export A' holds a blank", Error);
}
