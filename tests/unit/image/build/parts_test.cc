// The request, the keys of the cache, and what progress prints.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/pipe.h"
#include "crun/error.h"
#include "image/build/cache_key.h"
#include "image/build/progress.h"
#include "image/build/request.h"

using namespace crun;
using namespace crun::build;

namespace {

Request sample() {
  Request request;
  request.root = "/var/lib/ctr";
  request.run_root = "/run/ctr";
  request.context = ".";
  request.dockerfile = "-";
  request.tags = {"a", "b:1"};
  request.target = "two";
  request.arguments = {{"n", "v"}, {"n", ""}};
  request.no_cache = true;
  request.network = Network::host;
  return request;
}

bool refused(const nlohmann::json& value) {
  try {
    request_from_json(value);
  } catch (const Error& error) {
    return error.kind() == ErrorKind::invalid;
  }
  return false;
}

// What it prints, less the times.
std::string printed(bool quiet, void (*drive)(Progress&)) {
  Pipe pipe = Pipe::make();
  Progress progress(pipe.write_end.get(), quiet);
  drive(progress);
  pipe.write_end.reset();
  return read_to_end(pipe.read_end.get(), 1 << 20, "progress");
}

}  // namespace

TEST_CASE("a request comes back from its JSON as it was") {
  nlohmann::json value = to_json(sample());
  CHECK(to_json(request_from_json(value)) == value);
  CHECK(request_from_json(value).arguments == sample().arguments);
  CHECK(request_from_json(value).network == Network::host);
}

TEST_CASE("a request of another form is refused") {
  nlohmann::json value = to_json(sample());
  for (const char* name : {"version", "root", "tags", "network", "quiet"}) {
    nlohmann::json without = value;
    without.erase(name);
    CHECK(refused(without));
  }
  nlohmann::json other = value;
  other["version"] = 2;
  CHECK(refused(other));
  other = value;
  other["more"] = 1;
  CHECK(refused(other));
  other = value;
  other["network"] = "bridge";
  CHECK(refused(other));
  other = value;
  other["buildArgs"] = {{"n"}};
  CHECK(refused(other));
}

TEST_CASE("no two different inputs have one key") {
  CHECK(cache_key({{"a", "b"}}) == cache_key({{"a", "b"}}));
  CHECK(cache_key({{"a", "b"}}) != cache_key({{"ab", ""}}));
  CHECK(cache_key({{"a", "1:b"}}) != cache_key({{"a1", ":b"}}));
  CHECK(cache_key({{"a", ""}, {"b", ""}}) != cache_key({{"a", "1:b0:"}}));
  RunStep one;
  one.arguments = {"a b", "c"};
  RunStep two;
  two.arguments = {"a", "b c"};
  CHECK(cache_key(run_inputs(one, "p", "none")) != cache_key(run_inputs(two, "p", "none")));
  CHECK(cache_key(run_inputs(one, "p", "none")) != cache_key(run_inputs(one, "q", "none")));
  CHECK(cache_key(run_inputs(one, "p", "none")) != cache_key(run_inputs(one, "p", "host")));
  CopyStep copy;
  copy.sources = {"a", "a"};
  CHECK(cache_key(copy_inputs(copy, "", {"x", "y"})) != cache_key(copy_inputs(copy, "", {"y", "x"})));
  CopyStep add = copy;
  add.add = true;
  CHECK(cache_key(copy_inputs(copy, "", {"x", "x"})) != cache_key(copy_inputs(add, "", {"x", "x"})));
}

TEST_CASE("progress is lines, in the order in which things happen") {
  std::string text = printed(false, [](Progress& progress) {
    progress.begin("[1/2] RUN a");
    progress.output("one\ntw");
    progress.output("o\nworking 10%\rworking 100%\r\nlast");
    progress.end_output();
    progress.done();
    progress.begin("[2/2] RUN b");
    progress.cached();
  });
  CHECK(text.find("#1 [1/2] RUN a\n#1 0.") == 0);
  CHECK(text.find(" one\n#1 0.") != std::string::npos);
  CHECK(text.find(" two\n#1 0.") != std::string::npos);
  CHECK(text.find(" working 100%\n#1 0.") != std::string::npos);
  CHECK(text.find("10%\r") == std::string::npos);
  CHECK(text.find(" last\n#1 DONE 0.0s\n\n#2 [2/2] RUN b\n#2 CACHED\n\n") != std::string::npos);
}

TEST_CASE("a quiet build says nothing, and all of it once it has failed") {
  CHECK(printed(true, [](Progress& progress) {
          progress.begin("[1/1] RUN a");
          progress.output("text\n");
          progress.done();
        }) == "");
  std::string text = printed(true, [](Progress& progress) {
    progress.begin("[1/1] RUN a");
    progress.output("text\n");
    progress.show_held();
    progress.failed("why");
  });
  CHECK(text.find("#1 [1/1] RUN a\n") == 0);
  CHECK(text.find(" text\n#1 ERROR: why\n") != std::string::npos);
  Pipe pipe = Pipe::make();
  Progress progress(pipe.write_end.get(), true);
  progress.begin("x");
  for (int i = 0; i < 100; ++i) progress.output(std::to_string(i) + "\n");
  CHECK(progress.last_lines().size() == 20);
  CHECK(progress.last_lines().back().find(" 99") != std::string::npos);
}
