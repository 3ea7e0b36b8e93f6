#include "cli/runtime/command.h"

namespace crun::cli {
namespace {

int pause(const Runtime& runtime, const Options& options) {
  runtime.pause(options.arguments[0]);
  return 0;
}

int resume(const Runtime& runtime, const Options& options) {
  runtime.resume(options.arguments[0]);
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimePause{
    {"pause", "ID", "make all processes of a container stand still", "ctr-runtime pause c1", {}, {}, 1, 1}, pause};

const RuntimeCommand kRuntimeResume{
    {"resume", "ID", "let a paused container go on", "ctr-runtime resume c1", {}, {}, 1, 1}, resume};

}  // namespace crun::cli
