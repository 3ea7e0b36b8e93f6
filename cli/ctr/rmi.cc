#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "crun/images.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "force", .letter = 'f', .help = "Also where ended containers or several names use it"},
};
constexpr RefusedOption kRefused[] = {
    {"no-prune", 0, "keeping untagged parents is not supported: there are none"},
    {"platform", 0, "images of other platforms are not supported"},
};

int rmi(Engine& engine, const Options& options) {
  const bool force = options.flag("force");
  return for_each_object("rmi", options.arguments, [&](const std::string& name) {
    try {
      const RemovedImage removed = remove_image(engine, name, force);
      for (const std::string& reference : removed.untagged) print("Untagged: " + reference + "\n");
      for (const std::string& digest : removed.deleted) print("Deleted: " + digest + "\n");
    } catch (const Error& error) {
      if (!force || error.kind() != ErrorKind::not_found) throw;
      print_error("rmi", error.text());
    }
  });
}

}  // namespace

constinit const Command kRmi = {
    .group = Group::images,
    .grammar = {.name = "rmi",
                .arguments = "IMAGE [IMAGE...]",
                .summary = "Remove a name of an image, and the image with its last one",
                .example = "ctr rmi hello:1.0",
                .options = kOptions,
                .refused = kRefused,
                .least = 1},
    .run = rmi,
};

}  // namespace crun::cli
