#include <fcntl.h>
#include <unistd.h>

#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "crun/images.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "input",
     .letter = 'i',
     .takes = Takes::value,
     .value_name = "string",
     .help = "Read this file (default: stdin)"},
    {.name = "quiet", .letter = 'q', .help = "Print nothing but errors"},
};
constexpr RefusedOption kRefused[] = {{"platform", 0, "images of other platforms are not supported"}};

int load(Engine& engine, const Options& options) {
  Fd file;
  int archive = STDIN_FILENO;
  if (const std::string* path = options.find("input")) {
    file = Fd(checked(open(path->c_str(), O_RDONLY | O_CLOEXEC), "opening " + *path));
    archive = file.get();
  } else if (isatty(STDIN_FILENO) == 1) {
    throw Error(ErrorKind::invalid, "stdin is a terminal: name an archive with -i, or send one by a pipe");
  }
  for (const LoadedImage& image : load_images(engine, archive)) {
    if (options.flag("quiet")) continue;
    for (const std::string& tag : image.tags) print("Loaded image: " + tag + "\n");
    if (image.tags.empty()) print("Loaded image ID: " + image.id + "\n");
  }
  return 0;
}

}  // namespace

constinit const Command kLoad = {
    .group = Group::images,
    .grammar = {.name = "load",
                .arguments = "",
                .summary = "Take images from an archive, of docker save's or OCI form",
                .example = "ctr load -i busybox.tar",
                .options = kOptions,
                .refused = kRefused,
                .least = 0,
                .most = 0},
    .run = load,
    .failure = 125,  // as a bad bundle or Dockerfile
};

}  // namespace crun::cli
