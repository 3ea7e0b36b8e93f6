#include "cli/runtime/command.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {"force", 'f', Takes::nothing, "", "kill it first; one that does not exist is no error"}};

int remove(const Runtime& runtime, const Options& options) {
  runtime.remove(options.arguments[0], options.flag("force"));
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeDelete{
    {"delete", "ID", "remove what a stopped container left", "ctr-runtime delete c1", kOptions, {}, 1, 1}, remove};

}  // namespace crun::cli
