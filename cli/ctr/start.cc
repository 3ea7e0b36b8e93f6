#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "cli/ctr/terminal.h"
#include "crun/containers.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "attach", .letter = 'a', .help = "Show its output, and end with its exit code"},
    {.name = "detach-keys",
     .takes = Takes::value,
     .value_name = "string",
     .help = "Keys that leave it running (default ctrl-p,ctrl-q)"},
    {.name = "interactive", .letter = 'i', .help = "Send it this command's stdin, and show its output"},
    {.name = "sig-proxy", .help = "Pass signals on to it (default true)"},
};

constexpr RefusedOption kRefused[] = {
    {"checkpoint", 0, "checkpoints are not supported"},
    {"checkpoint-dir", 0, "checkpoints are not supported"},
};

bool has_tty(Engine& engine, const std::string& name) {
  return nlohmann::json::parse(inspect_container(engine, name)).at("Config").at("Tty").get<bool>();
}

int start_attached(Engine& engine, const Options& options) {
  const std::string& name = options.arguments[0];
  const bool interactive = options.flag("interactive");
  const bool tty = has_tty(engine, name);
  check_terminal(interactive, tty, options.text("detach-keys"));
  const auto session =
      start_container(engine, name, {.attach = true, .interactive = interactive, .size = terminal_size()});
  return attach(*session, {.interactive = interactive,
                           .tty = tty,
                           .forward_signals = options.flag("sig-proxy", true),
                           .detach_keys = options.text("detach-keys")})
      .exit_code;
}

int start(Engine& engine, const Options& options) {
  if (options.flag("attach") || options.flag("interactive")) {
    if (options.arguments.size() > 1) throw UsageError("only one container can be attached to", 1);
    return start_attached(engine, options);
  }
  return for_each_object("start", options.arguments, [&](const std::string& name) {
    start_container(engine, name, {});
    print(name + "\n");
  });
}

}  // namespace

constinit const Command kStart = {
    .group = Group::containers,
    .grammar = {.name = "start",
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Start containers that were created or have ended",
                .example = "ctr start -a web",
                .options = kOptions,
                .refused = kRefused,
                .least = 1},
    .run = start,
};

}  // namespace crun::cli
