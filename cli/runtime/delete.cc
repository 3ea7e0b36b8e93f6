#include "cli/runtime/command.h"
#include "cli/runtime/selection.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {{"force", 'f', Takes::nothing, "", "kill it first; one that does not exist is no error"},
                               kRegexOption};

int remove(const Runtime& runtime, const Options& options) {
  for (const std::string& id : selected_ids(runtime, options)) runtime.remove(id, options.flag("force"));
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeDelete{
    {"delete", "ID", "remove what a stopped container left", "ctr-runtime delete c1", kOptions, {}, 1, 1}, remove};

}  // namespace crun::cli
