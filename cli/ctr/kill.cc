#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "crun/containers.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "signal",
     .letter = 's',
     .takes = Takes::value,
     .value_name = "string",
     .help = "Signal, by name or number (default KILL)"},
};

int kill(Engine& engine, const Options& options) {
  const std::string* given = options.find("signal");
  const std::string signal = given == nullptr ? "SIGKILL" : *given;
  return for_each_object("kill", options.arguments, [&](const std::string& name) {
    kill_container(engine, name, signal);
    print(name + "\n");
  });
}

}  // namespace

constinit const Command kKill = {
    .group = Group::containers,
    .grammar = {.name = "kill",
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Send a signal to running containers",
                .example = "ctr kill -s HUP web",
                .options = kOptions,
                .refused = {},
                .least = 1},
    .run = kill,
};

}  // namespace crun::cli
