#include "image/dockerfile/substitute.h"

#include <doctest/doctest.h>

#include <map>

#include "crun/error.h"
#include "image/dockerfile/duration.h"
#include "image/dockerfile/source.h"
#include "image/dockerfile/suggestion.h"

using namespace crun;
using namespace crun::dockerfile;

namespace {

const std::map<std::string, std::string, std::less<>> kVariables = {
    {"x", "value"}, {"empty", ""}, {"path", "/a b/c"}, {"quote", "\"'$x"}};

std::optional<std::string> look_up(std::string_view name) {
  auto found = kVariables.find(name);
  if (found == kVariables.end()) return std::nullopt;
  return found->second;
}

std::string replaced(std::string_view text, char escape = '\\') { return substitute(text, escape, look_up); }

std::string refused(std::string_view text) {
  try {
    replaced(text);
  } catch (const Error& error) {
    return error.text();
  }
  return "not refused";
}

}  // namespace

TEST_CASE("variables") {
  CHECK(replaced("$x") == "value");
  CHECK(replaced("${x}") == "value");
  CHECK(replaced("a$x.b") == "avalue.b");
  CHECK(replaced("$xy") == "");
  CHECK(replaced("${x}y") == "valuey");
  CHECK(replaced("$unset") == "");
  CHECK(replaced("$") == "$");
  CHECK(replaced("a$") == "a$");
  CHECK(replaced("$ x") == "$ x");
  CHECK(replaced("$1x") == "x");
  CHECK(replaced("$quote") == "\"'$x");  // a value is not read again
}

TEST_CASE("forms with a word") {
  CHECK(replaced("${x:-a}") == "value");
  CHECK(replaced("${empty:-a}") == "a");
  CHECK(replaced("${empty-a}") == "");
  CHECK(replaced("${unset:-a}") == "a");
  CHECK(replaced("${unset-a}") == "a");
  CHECK(replaced("${x:+a}") == "a");
  CHECK(replaced("${empty:+a}") == "");
  CHECK(replaced("${empty+a}") == "a");
  CHECK(replaced("${unset+a}") == "");
  CHECK(replaced("${unset:-$x}") == "value");
  CHECK(replaced("${unset:-${empty:-${x}}}!") == "value!");
  CHECK(replaced("${unset:-}") == "");
  CHECK(replaced("${unset:-'}'}") == "}");
  CHECK(replaced("${x:?no}") == "value");
  CHECK(refused("${unset:?give one}") == "unset: give one");
  CHECK(refused("${empty:?}") == "empty: must not be empty");
  CHECK(replaced("${empty?}") == "");
}

TEST_CASE("quotes and escapes") {
  CHECK(replaced("'$x'") == "$x");
  CHECK(replaced("\"$x\"") == "value");
  CHECK(replaced("\\$x") == "$x");
  CHECK(replaced("\"\\$x\"") == "$x");
  CHECK(replaced("\"a\\b\"") == "a\\b");
  CHECK(replaced("a\\b") == "ab");
  CHECK(replaced("'a\\b'") == "a\\b");
  CHECK(replaced("\"a 'b' c\"") == "a 'b' c");
  CHECK(replaced("'a \"b\" c'") == "a \"b\" c");
  CHECK(replaced("end\\") == "end");
  CHECK(replaced("`$x", '`') == "$x");
  CHECK(replaced("\\$x", '`') == "\\value");
}

TEST_CASE("what is refused") {
  CHECK(refused("'a") == "a single quote is not closed");
  CHECK(refused("\"a") == "a double quote is not closed");
  CHECK(refused("${x") == "a '${' without its '}'");
  CHECK(refused("${x:-a") == "a '${' without its '}'");
  CHECK(refused("${}") == "'${' is not followed by a variable's name");
  CHECK(refused("${x#a}").find("not supported by this release") != std::string::npos);
  CHECK(refused("${x/a/b}").find("not supported by this release") != std::string::npos);
  CHECK(refused("${x=a}").find("the forms are") != std::string::npos);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "${u:-";
  CHECK(refused(deep).find("braces within each other") != std::string::npos);
}

TEST_CASE("words are split outside quotes, also within a value") {
  CHECK(substitute_words("a  b", '\\', look_up) == std::vector<std::string>{"a", "b"});
  CHECK(substitute_words("$path", '\\', look_up) == std::vector<std::string>{"/a", "b/c"});
  CHECK(substitute_words("\"$path\" 'x y'z", '\\', look_up) == std::vector<std::string>{"/a b/c", "x yz"});
  CHECK(substitute_words("a\\ b $empty", '\\', look_up) == std::vector<std::string>{"a b"});
}

TEST_CASE("durations") {
  CHECK(parse_duration("30s") == 30'000'000'000);
  CHECK(parse_duration("1m30s") == 90'000'000'000);
  CHECK(parse_duration("1.5h") == 5'400'000'000'000);
  CHECK(parse_duration("100ms") == 100'000'000);
  CHECK(parse_duration("0") == 0);
  for (const char* bad : {"", "5", "5x", "s", "-5s", "1.2.3s", "99999999999999999999s", "9999999999h"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_duration(bad));
  }
}

TEST_CASE("suggestions") {
  CHECK(suggestion("RUNN", {"RUN", "USER"}) == " (did you mean RUN?)");
  CHECK(suggestion("COPPY", {"RUN", "COPY"}) == " (did you mean COPY?)");
  CHECK(suggestion("XYZ", {"RUN", "COPY"}) == "");
  CHECK(suggestion(std::string(100'000, 'x'), {"RUN"}) == "");
}

TEST_CASE("an excerpt marks its lines") {
  Source source("D", "one\ntwo\nthree\nfour\nfive\nsix");
  CHECK(source.excerpt({3, 4}) ==
        "D:3-4\n--------------------\n   1 |     one\n   2 |     two\n   3 | >>> three\n   4 | >>> four\n"
        "   5 |     five\n   6 |     six\n--------------------\n");
  CHECK(Source("D", "RUN \033[31m\n").excerpt({1, 1}).find('\033') == std::string::npos);
}
