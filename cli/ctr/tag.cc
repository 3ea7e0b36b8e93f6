#include "cli/ctr/command.h"
#include "crun/images.h"

namespace crun::cli {
namespace {

int tag(Engine& engine, const Options& options) {
  tag_image(engine, options.arguments[0], options.arguments[1]);
  return 0;
}

}  // namespace

constinit const Command kTag = {
    .group = Group::images,
    .grammar = {.name = "tag",
                .arguments = "IMAGE NEW_NAME[:TAG]",
                .summary = "Give an image a further name",
                .example = "ctr tag hello hello:1.0",
                .options = {},
                .refused = {},
                .least = 2,
                .most = 2},
    .run = tag,
};

}  // namespace crun::cli
