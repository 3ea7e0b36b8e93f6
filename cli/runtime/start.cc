#include "cli/runtime/command.h"

namespace crun::cli {
namespace {

int start(const Runtime& runtime, const Options& options) {
  runtime.start(options.arguments[0]);
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeStart{
    {"start", "ID", "run the program of a created container", "ctr-runtime start c1", {}, {}, 1, 1}, start};

}  // namespace crun::cli
