#include <unistd.h>

#include "cli/ctr/command.h"
#include "cli/ctr/human.h"
#include "crun/containers.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "follow", .letter = 'f', .help = "Go on until the container has ended"},
    {.name = "since",
     .takes = Takes::value,
     .value_name = "string",
     .help = "Only after a point in time (10m, 2026-11-20T07:00:00Z)"},
    {.name = "tail",
     .letter = 'n',
     .takes = Takes::value,
     .value_name = "string",
     .help = "Only the last lines; a number or all (default all)"},
    {.name = "timestamps", .letter = 't', .help = "Show when each line was written"},
    {.name = "until", .takes = Takes::value, .value_name = "string", .help = "Only before a point in time"},
};
constexpr RefusedOption kRefused[] = {{"details", 0, "attributes of lines are not supported"}};

int64_t moment(const Options& options, std::string_view name) {
  const std::string* text = options.find(name);
  if (text == nullptr) return 0;
  try {
    return parse_moment(*text, now_nanoseconds());
  } catch (Error& error) {
    error.add_context("--" + std::string(name));
    throw;
  }
}

int logs(Engine& engine, const Options& options) {
  LogRequest request;
  request.follow = options.flag("follow");
  request.timestamps = options.flag("timestamps");
  if (const std::string* tail = options.find("tail"); tail != nullptr && *tail != "all") {
    const int64_t lines = parse_integer(*tail, "a number of lines, nor 'all'");
    // A negative number is all of them, as docker has it.
    if (lines >= 0) request.tail = static_cast<uint64_t>(lines);
  }
  request.since = moment(options, "since");
  request.until = moment(options, "until");
  copy_logs(engine, options.arguments[0], request, STDOUT_FILENO, STDERR_FILENO);
  return 0;
}

}  // namespace

constinit const Command kLogs = {
    .group = Group::containers,
    .grammar = {.name = "logs",
                .arguments = "CONTAINER",
                .summary = "Show what a container has written",
                .example = "ctr logs -f --tail 20 web",
                .options = kOptions,
                .refused = kRefused,
                .least = 1,
                .most = 1},
    .run = logs,
};

}  // namespace crun::cli
