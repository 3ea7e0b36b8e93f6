#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "crun/containers.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "force", .letter = 'f', .help = "Kill one that runs; one that is not there is no error"},
    {.name = "volumes", .letter = 'v', .help = "Remove its unnamed volumes too"},
};
constexpr RefusedOption kRefused[] = {{"link", 'l', "links are not supported"}};

int rm(Engine& engine, const Options& options) {
  const RemoveOptions remove = {.force = options.flag("force"), .volumes = options.flag("volumes")};
  return for_each_object("rm", options.arguments, [&](const std::string& name) {
    try {
      remove_container(engine, name, remove);
    } catch (const Error& error) {
      // As docker: the wish of --force is that it be gone, and it is; the line tells of a typing error.
      if (!remove.force || error.kind() != ErrorKind::not_found) throw;
      print_error("rm", error.text());
      return;
    }
    print(name + "\n");
  });
}

}  // namespace

constinit const Command kRm = {
    .group = Group::containers,
    .grammar = {.name = "rm",
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Remove containers that have ended",
                .example = "ctr rm -f web",
                .options = kOptions,
                .refused = kRefused,
                .least = 1},
    .run = rm,
};

}  // namespace crun::cli
