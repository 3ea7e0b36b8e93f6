#include <fmt/format.h>
#include <sys/utsname.h>

#include <nlohmann/json.hpp>
#include <string>

#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "cli/format/template.h"

namespace crun::cli {
namespace {

using nlohmann::json;

constexpr Option kOptions[] = {
    {.name = "format",
     .letter = 'f',
     .takes = Takes::value,
     .value_name = "string",
     .help = "json, or a Go template ({{.Client.Version}})"},
};

std::string_view architecture(const struct utsname& host) {
  const std::string_view machine = host.machine;
  return machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine;
}

// Opens nothing: what it tells is built in or comes from uname(2).
int version(Engine&, const Options& options) {
  struct utsname host = {};
  uname(&host);
  const std::string format = options.text("format");
  if (format.empty()) {
    print(fmt::format("Version:     {}\nRuntime:     OCI runtime-spec 1.3\nOS/Arch:     linux/{}\nKernel:      {}\n",
                      CTR_VERSION, architecture(host), host.release));
    return 0;
  }
  // There is no server; what asks docker for its version finds this program's under both names.
  const json side = {
      {"Version", CTR_VERSION}, {"Os", "linux"}, {"Arch", architecture(host)}, {"KernelVersion", host.release}};
  print(format_object(format, {{"Client", side}, {"Server", side}}));
  return 0;
}

}  // namespace

constinit const Command kVersion = {
    .group = Group::host,
    .grammar = {.name = "version",
                .arguments = "",
                .summary = "Show the version of ctr",
                .example = "ctr version --format '{{.Client.Version}}'",
                .options = kOptions,
                .refused = {},
                .least = 0,
                .most = 0},
    .run = version,
};

}  // namespace crun::cli
