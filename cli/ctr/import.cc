#include <fcntl.h>
#include <unistd.h>

#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "crun/images.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "change",
     .letter = 'c',
     .takes = Takes::values,
     .value_name = "list",
     .help = "A Dockerfile instruction for the image (CMD, ENV, WORKDIR, …)"},
    {.name = "message",
     .letter = 'm',
     .takes = Takes::value,
     .value_name = "string",
     .help = "A remark for the image's history"},
};
constexpr RefusedOption kRefused[] = {{"platform", 0, "images of other platforms are not supported"}};

int import(Engine& engine, const Options& options) {
  const std::string& source = options.arguments[0];
  if (source.starts_with("http://") || source.starts_with("https://"))
    throw Error(ErrorKind::unsupported,
                "archives from an address are not supported in this release; fetch it and import the file");
  ImportRequest request;
  Fd file;
  if (source == "-") {
    if (isatty(STDIN_FILENO) == 1)
      throw Error(ErrorKind::invalid, "stdin is a terminal: name an archive, or send one by a pipe");
    request.archive = STDIN_FILENO;
  } else {
    file = Fd(checked(open(source.c_str(), O_RDONLY | O_CLOEXEC), "opening " + source));
    request.archive = file.get();
  }
  if (options.arguments.size() > 1) request.reference = options.arguments[1];
  request.message = options.text("message");
  request.changes = options.all("change");
  print(import_image(engine, request) + "\n");
  return 0;
}

}  // namespace

constinit const Command kImport = {
    .group = Group::images,
    .grammar = {.name = "import",
                .arguments = "FILE|- [NAME[:TAG]]",
                .summary = "Make an image of a root file system in a tar",
                .example = "ctr import -c 'CMD [\"sh\"]' rootfs.tar.gz mine:1",
                .options = kOptions,
                .refused = kRefused,
                .least = 1,
                .most = 2},
    .run = import,
    .failure = 125,  // as a bad bundle or Dockerfile
};

}  // namespace crun::cli
