#include "cli/ctr/command.h"
#include "cli/ctr/human.h"
#include "cli/ctr/print.h"
#include "crun/containers.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "signal",
     .letter = 's',
     .takes = Takes::value,
     .value_name = "string",
     .help = "Signal that asks it to end, by name or number (default: its own, or TERM)"},
    {.name = "time", .takes = Takes::value, .value_name = "int", .help = "", .hidden = true},
    {.name = "timeout",
     .letter = 't',
     .takes = Takes::value,
     .value_name = "int",
     .help = "Seconds to wait before it is killed (default: its own, or 10)"},
};

std::optional<unsigned> timeout_of(const Options& options) {
  const std::string* text = options.find("timeout");
  if (text == nullptr) text = options.find("time");
  if (text == nullptr) return std::nullopt;
  try {
    return parse_seconds(*text);
  } catch (const Error& error) {
    throw UsageError("--timeout: " + error.text(), 125);
  }
}

int stop(Engine& engine, const Options& options) {
  const auto timeout = timeout_of(options);
  return for_each_object("stop", options.arguments, [&](const std::string& name) {
    stop_container(engine, name, timeout, options.text("signal"));
    print(name + "\n");
    flush_output();
  });
}

}  // namespace

constinit const Command kStop = {
    .group = Group::containers,
    .grammar = {.name = "stop",
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Ask containers to end, and kill those that do not",
                .example = "ctr stop -t 30 web",
                .options = kOptions,
                .refused = {},
                .least = 1},
    .run = stop,
};

}  // namespace crun::cli
