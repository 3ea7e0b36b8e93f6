// Each file of tests/data/dockerfiles/good is read as its .expected says, each of bad is refused with its .error.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "base/dir.h"
#include "image/dockerfile/parse.h"
#include "tests/unit/image/dockerfile/dump.h"

using namespace crun;

namespace {

constexpr size_t kLimit = 1 << 20;

std::vector<std::string> cases(const Dir& folder) {
  std::vector<std::string> names;
  for (const std::string& name : folder.list()) {
    if (name.find('.') == std::string::npos) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string result_of(const Dir& folder, const std::string& name) {
  dockerfile::Source source("Dockerfile", folder.read_file(name, kLimit));
  try {
    return dump(dockerfile::parse(source));
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::invalid);
    return error.text() + "\n";
  }
}

// With CTR_GOLDEN=write in the environment the files are written instead, to be read by whoever commits them.
void check_all(const std::string& kind, const std::string& suffix, size_t at_least) {
  Dir folder = Dir::open(std::string(TEST_DATA) + "/dockerfiles/" + kind);
  std::vector<std::string> names = cases(folder);
  CHECK(names.size() >= at_least);
  const char* golden = std::getenv("CTR_GOLDEN");
  for (const std::string& name : names) {
    CAPTURE(name);
    std::string result = result_of(folder, name);
    if (golden != nullptr && std::string(golden) == "write") {
      folder.replace_file(name + suffix, result, 0644, false);
    } else {
      CHECK(result == folder.read_file(name + suffix, kLimit));
    }
  }
}

}  // namespace

TEST_CASE("good Dockerfiles become these instructions") { check_all("good", ".expected", 10); }

TEST_CASE("bad Dockerfiles are refused with the place and the line") { check_all("bad", ".error", 30); }
