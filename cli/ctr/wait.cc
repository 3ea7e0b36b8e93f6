#include <fmt/format.h>

#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "crun/containers.h"

namespace crun::cli {
namespace {

int wait(Engine& engine, const Options& options) {
  return for_each_object("wait", options.arguments, [&](const std::string& name) {
    print(fmt::format("{}\n", wait_container(engine, name)));
    flush_output();
  });
}

}  // namespace

constinit const Command kWait = {
    .group = Group::containers,
    .grammar = {.name = "wait",
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Wait until containers have ended, and print their exit codes",
                .example = "ctr wait web",
                .options = {},
                .refused = {},
                .least = 1},
    .run = wait,
};

}  // namespace crun::cli
