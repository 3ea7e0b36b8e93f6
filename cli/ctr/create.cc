#include "cli/ctr/command.h"
#include "cli/ctr/container_options.h"
#include "cli/ctr/print.h"
#include "cli/ctr/refused_container_options.h"

namespace crun::cli {
namespace {

int create(Engine& engine, const Options& options) {
  print(create_container(engine, container_request(options)) + "\n");
  return 0;
}

}  // namespace

constinit const Command kCreate = {
    .group = Group::containers,
    .grammar = {.name = "create",
                .arguments = "IMAGE [COMMAND] [ARG...]",
                .summary = "Make a container of an image, without starting it",
                .example = "ctr create --name web -v ./site:/www:ro busybox httpd -f -h /www",
                .options = kContainerOptions,
                .refused = kRefusedContainerOptions,
                .least = 1,
                .options_end_at_argument = true},
    .run = create,
};

}  // namespace crun::cli
