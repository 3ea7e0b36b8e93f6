#include "cli/ctr/root.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "cli/command/help.h"
#include "cli/ctr/command.h"
#include "cli/ctr/mount_options.h"
#include "cli/ctr/print.h"
#include "crun/log.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "debug", .letter = 'D', .help = "Say more on stderr: --log-level debug"},
    {.name = "libexec",
     .takes = Takes::value,
     .value_name = "folder",
     .help = "Where ctr's own helper programs are (default /usr/libexec/ctr, or $CTR_LIBEXEC)"},
    {.name = "log-level",
     .letter = 'l',
     .takes = Takes::value,
     .value_name = "string",
     .help = "What is said on stderr: debug, info, warn, error or fatal (default info)"},
    {.name = "root",
     .takes = Takes::value,
     .value_name = "folder",
     .help = "Where images and containers are kept (default /var/lib/ctr, or $CTR_ROOT)"},
    {.name = "run-root",
     .takes = Takes::value,
     .value_name = "folder",
     .help = "Where the state of this boot is kept (default /run/ctr, or $CTR_RUN_ROOT)"},
    {.name = "version", .letter = 'v', .help = "Print the version and exit"},
};

constexpr RefusedOption kRefused[] = {
    {"host", 'H', "there is no daemon to talk to; not supported"},
    {"context", 'c', "there is no daemon to talk to; contexts are not supported"},
    {"config", 0, "configuration folders are not supported"},
};

constexpr Grammar kGrammar = {
    .name = "",
    .arguments = "COMMAND",
    .summary = "Builds images and runs containers. There is no daemon: each command does its work itself",
    .example =
        "ctr build -t hello examples/multistage\n"
        "ctr run --rm hello",
    .options = kOptions,
    .refused = kRefused,
    .options_end_at_argument = true,
};

struct GroupTitle {
  Group group;
  std::string_view title;
};
constexpr GroupTitle kTitles[] = {
    {Group::common, "Daily commands"},
    {Group::containers, "Containers"},
    {Group::images, "Images"},
    {Group::host, "This host"},
};

std::string or_environment(const Options& options, std::string_view name, const char* variable,
                           const std::string& otherwise) {
  if (const std::string* given = options.find(name)) return absolute_path(*given);
  const char* value = getenv(variable);
  return value != nullptr && *value != '\0' ? absolute_path(value) : otherwise;
}

std::string command_lines(std::string_view prefix, const Group* group) {
  constexpr size_t kWidth = 12;
  std::string text;
  for (const CommandName& known : command_names()) {
    if (!known.name.starts_with(prefix)) continue;
    const std::string_view name = known.name.substr(prefix.size());
    if (name.find(' ') != std::string_view::npos) continue;
    if (group != nullptr && known.command->group != *group) continue;
    text += fmt::format("  {:<{}}{}\n", name, kWidth, known.command->grammar.summary);
  }
  return text;
}

LogLevel least_level = LogLevel::warning;

void say(LogLevel level, std::string_view text) {
  if (level < least_level) return;
  const std::string_view prefix = level == LogLevel::debug ? "debug: " : level == LogLevel::warning ? "warning: " : "";
  print_error("", fmt::format("{}{}", prefix, text));
}

LogLevel asked_level(const Options& options) {
  struct Word {
    std::string_view text;
    LogLevel level;
  };
  // docker's words, of which some mean the same here.
  constexpr Word kWords[] = {{"debug", LogLevel::debug},     {"info", LogLevel::warning}, {"warn", LogLevel::warning},
                             {"warning", LogLevel::warning}, {"error", LogLevel::error},  {"fatal", LogLevel::error}};
  const std::string* given = options.find("log-level");
  if (options.flag("debug")) return LogLevel::debug;
  if (given == nullptr) return LogLevel::warning;
  for (const Word& word : kWords)
    if (word.text == *given) return word.level;
  throw UsageError(fmt::format("--log-level: '{}' is none of debug, info, warn, error and fatal", *given), 125);
}

}  // namespace

const Grammar& root_grammar() { return kGrammar; }

EngineConfig engine_config(const Options& options) {
  EngineConfig config;
  config.data_root = or_environment(options, "root", "CTR_ROOT", config.data_root);
  config.run_root = or_environment(options, "run-root", "CTR_RUN_ROOT", config.run_root);
  config.libexec = or_environment(options, "libexec", "CTR_LIBEXEC", config.libexec);
  return config;
}

void set_log_level(const Options& options) {
  least_level = asked_level(options);
  set_log_sink(say);
}

std::string root_help() {
  std::string text = fmt::format("{}\n{}\n\nExample:\n  ctr build -t hello examples/multistage\n  ctr run --rm hello\n",
                                 usage_line("ctr", kGrammar), kGrammar.summary);
  for (const auto& [group, title] : kTitles) text += fmt::format("\n{}:\n{}", title, command_lines("", &group));
  text += "\nThe same under one name (ctr container ls, ctr image rm, …):\n";
  for (const CommandFamily& family : command_families())
    text += fmt::format("  {:<12}{}\n", family.name, family.summary);
  text += fmt::format("\nOptions, before the command:\n{}", option_lines(kOptions));
  return text + "\n'ctr COMMAND --help' tells about one command.\n";
}

std::string family_help(std::string_view family) {
  return fmt::format("Usage:  ctr {} COMMAND\n\nCommands:\n{}\n'ctr {} COMMAND --help' tells about one command.\n",
                     family, command_lines(std::string(family) + " ", nullptr), family);
}

}  // namespace crun::cli
