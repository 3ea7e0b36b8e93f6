#include "crun/features.h"

#include "cli/runtime/command.h"

namespace crun::cli {
namespace {

int features(const Runtime& /*runtime*/, const Options& /*options*/) {
  print_out(features_document());
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeFeatures{
    {"features", "", "show what this runtime can do, as JSON", "ctr-runtime features", {}, {}, 0, 0}, features};

}  // namespace crun::cli
