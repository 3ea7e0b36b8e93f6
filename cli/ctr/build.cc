#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "cli/ctr/command.h"
#include "cli/ctr/output_file.h"
#include "cli/ctr/print.h"
#include "cli/ctr/text.h"
#include "crun/builds.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "build-arg",
     .takes = Takes::values,
     .value_name = "list",
     .help = "Set an ARG: NAME=value, or NAME to pass a variable on"},
    {.name = "file",
     .letter = 'f',
     .takes = Takes::value,
     .value_name = "string",
     .help = "The Dockerfile; - is stdin (default PATH/Dockerfile)"},
    {.name = "iidfile", .takes = Takes::value, .value_name = "string", .help = "Write the image's id to this file"},
    {.name = "label",
     .takes = Takes::values,
     .value_name = "list",
     .help = "Label the image: NAME=value, over the Dockerfile's"},
    {.name = "network",
     .takes = Takes::value,
     .value_name = "string",
     .help = "For RUN: none (loopback alone) or host (default none)"},
    {.name = "no-cache", .help = "Run every step anew"},
    {.name = "progress",
     .takes = Takes::value,
     .value_name = "string",
     .help = "plain or auto, which are the same here"},
    {.name = "quiet", .letter = 'q', .help = "Print the image's id alone, and progress where it fails"},
    {.name = "tag",
     .letter = 't',
     .takes = Takes::values,
     .value_name = "list",
     .help = "Name of the image: NAME[:TAG]"},
    {.name = "target", .takes = Takes::value, .value_name = "string", .help = "Build this stage, and not the last one"},
};

constexpr std::string_view kBuildkit = "extensions of BuildKit are not supported";
constexpr std::string_view kLimits = "bounds on a build's resources are not supported";
constexpr RefusedOption kRefused[] = {
    {"add-host", 0, "further entries of /etc/hosts are not supported"},
    {"allow", 0, kBuildkit},
    {"annotation", 0, "annotations are not supported"},
    {"attest", 0, kBuildkit},
    {"build-context", 0, "further contexts are not supported"},
    {"builder", 0, kBuildkit},
    {"cache-from", 0, "caches from elsewhere are not supported"},
    {"cache-to", 0, "caches from elsewhere are not supported"},
    {"call", 0, kBuildkit},
    {"cgroup-parent", 0, kLimits},
    {"check", 0, kBuildkit},
    {"compress", 0, "it has no meaning without a daemon and is not supported"},
    {"cpu-period", 0, kLimits},
    {"cpu-quota", 0, kLimits},
    {"cpu-shares", 'c', kLimits},
    {"cpuset-cpus", 0, kLimits},
    {"cpuset-mems", 0, kLimits},
    {"force-rm", 0, "there are no containers between steps; it is not supported"},
    {"isolation", 0, "it is for Windows and not supported"},
    {"load", 0, kBuildkit},
    {"memory", 'm', kLimits},
    {"memory-swap", 0, kLimits},
    {"metadata-file", 0, kBuildkit},
    {"no-cache-filter", 0, "choosing the stages without a cache is not supported"},
    {"output", 'o', "other outputs than an image are not supported"},
    {"platform", 0, "images of other platforms are not supported"},
    {"provenance", 0, kBuildkit},
    {"pull", 0, "images are not pulled, so it is not supported"},
    {"push", 0, "images are not pushed, so it is not supported"},
    {"rm", 0, "there are no containers between steps; it is not supported"},
    {"sbom", 0, kBuildkit},
    {"secret", 0, "secrets are not supported"},
    {"security-opt", 0, "security options of steps are not supported"},
    {"shm-size", 0, kLimits},
    {"squash", 0, "squashing layers is not supported"},
    {"ssh", 0, "agents are not supported"},
    {"ulimit", 0, kLimits},
};

// NAME alone takes the caller's own value, and nothing where there is none.
void add_build_arg(BuildRequest& request, const std::string& text) {
  auto [name, value] = name_and_value(text);
  if (!value) {
    const char* own = getenv(name.c_str());
    if (own == nullptr) return;
    value = own;
  }
  request.build_args.emplace_back(std::move(name), std::move(*value));
}

std::string context_of(const std::string& path) {
  if (path == "-") return path;
  if (path.find("://") != std::string::npos || path.starts_with("git@"))
    throw Error(ErrorKind::unsupported, "contexts from an address are not supported in this release; give a folder");
  struct stat there = {};
  checked(stat(path.c_str(), &there), "opening the context " + path);
  if (!S_ISDIR(there.st_mode))
    throw Error(ErrorKind::invalid, "the context " + path + " is not a folder; name the Dockerfile with -f");
  return path;
}

void check_progress(const std::string& form) {
  if (form.empty() || form == "plain" || form == "auto") return;
  throw UsageError(fmt::format("--progress '{}' is not supported; there is plain", form), 125);
}

void write_id(const std::string& path, const std::string& id) {
  if (path.empty()) return;
  OutputFile file(path);
  if (write(file.fd(), id.data(), id.size()) != static_cast<ssize_t>(id.size()))
    throw SysError(errno == 0 ? ENOSPC : errno, "writing the id to " + path);
  file.keep();
}

int build(Engine& engine, const Options& options) {
  BuildRequest request;
  request.context = context_of(options.arguments[0]);
  request.dockerfile = options.text("file");
  if (request.context == "-" && request.dockerfile == "-")
    throw Error(ErrorKind::invalid, "stdin cannot be both the context and the Dockerfile");
  if (request.context == "-" || request.dockerfile == "-") request.input = STDIN_FILENO;
  request.tags = options.all("tag");
  request.target = options.text("target");
  for (const std::string& text : options.all("build-arg")) add_build_arg(request, text);
  request.labels = pairs(options.all("label"));
  check_progress(options.text("progress"));
  request.network = options.text("network");
  request.use_cache = !options.flag("no-cache");
  request.quiet = options.flag("quiet");
  const BuildResult result = build_image(engine, request);
  if (result.exit_code == 0) write_id(options.text("iidfile"), result.image_id);
  if (request.quiet && result.exit_code == 0) print(result.image_id + "\n");
  return result.exit_code;
}

}  // namespace

constinit const Command kBuild = {
    .group = Group::common,
    .grammar = {.name = "build",
                .arguments = "PATH|-",
                .summary = "Make an image of a Dockerfile and the files in a folder",
                .example = "ctr build -t hello .",
                .options = kOptions,
                .refused = kRefused,
                .least = 1,
                .most = 1},
    .run = build,
};

}  // namespace crun::cli
