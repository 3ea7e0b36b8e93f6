#include <fmt/format.h>
#include <unistd.h>

#include "cli/ctr/command.h"
#include "cli/ctr/output_file.h"
#include "crun/images.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "format",
     .takes = Takes::value,
     .value_name = "string",
     .help = "docker-archive or oci-archive (default docker-archive)"},
    {.name = "output",
     .letter = 'o',
     .takes = Takes::value,
     .value_name = "string",
     .help = "Write this file (default: stdout)"},
};
constexpr RefusedOption kRefused[] = {{"platform", 0, "images of other platforms are not supported"}};

ArchiveFormat format_of(const Options& options) {
  const std::string* format = options.find("format");
  if (format == nullptr || *format == "docker-archive") return ArchiveFormat::docker_archive;
  if (*format == "oci-archive") return ArchiveFormat::oci_archive;
  throw Error(ErrorKind::invalid, fmt::format("--format: '{}' is neither docker-archive nor oci-archive", *format));
}

int save(Engine& engine, const Options& options) {
  const ArchiveFormat format = format_of(options);
  const std::string* path = options.find("output");
  if (path == nullptr) {
    if (isatty(STDOUT_FILENO) == 1)
      throw Error(ErrorKind::invalid, "stdout is a terminal: name a file with -o, or send it on by a pipe");
    save_images(engine, options.arguments, format, STDOUT_FILENO);
    return 0;
  }
  OutputFile file(*path);
  save_images(engine, options.arguments, format, file.fd());
  file.keep();
  return 0;
}

}  // namespace

constinit const Command kSave = {
    .group = Group::images,
    .grammar = {.name = "save",
                .arguments = "IMAGE [IMAGE...]",
                .summary = "Write images to an archive, for ctr load, docker load or skopeo",
                .example = "ctr save -o hello.tar hello",
                .options = kOptions,
                .refused = kRefused,
                .least = 1},
    .run = save,
};

}  // namespace crun::cli
