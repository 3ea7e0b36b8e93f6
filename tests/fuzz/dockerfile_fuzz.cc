// Any bytes as a Dockerfile, and as a .dockerignore: they are read, planned and evaluated, or refused by Error; nothing
// else.
//
// build-fuzz/tests/fuzz/dockerfile_fuzz -max_len=4096 NEW tests/data/dockerfiles/good tests/data/dockerfiles/bad
#include <string>

#include "crun/error.h"
#include "image/build/ignore.h"
#include "image/build/plan.h"
#include "image/dockerfile/parse.h"

namespace {

using namespace crun;
using namespace crun::build;

void plan_of(std::string_view text) {
  try {
    dockerfile::Source source("Dockerfile", text);
    dockerfile::File file = dockerfile::parse(source);
    for (const dockerfile::Instruction& instruction : file.list) {
      if (source.excerpt(instruction.lines).empty()) __builtin_trap();
      if (instruction.at.line < instruction.lines.first || instruction.at.line > instruction.lines.last)
        __builtin_trap();
    }
    BuildArguments arguments(std::vector<std::pair<std::string, std::string>>{{"a", "1"}});
    Graph graph = make_graph(source, file, "", arguments);
    Plan plan = make_plan(source, file.escape, graph, arguments, [](const std::string&) {
      return BaseImage{"id", {}};
    });
    if (plan.stages.empty()) __builtin_trap();
  } catch (const Error& error) {
    // Malformed input is never our own fault.
    if (error.kind() == ErrorKind::internal) __builtin_trap();
  }
}

void rules_of(std::string_view text) {
  try {
    IgnoreRules rules = IgnoreRules::parse(text, ".dockerignore");
    for (const char* path : {"a", "a/b/c", "x.md"}) (void)rules.ignores(path);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  plan_of(text);
  rules_of(text);
  return 0;
}
