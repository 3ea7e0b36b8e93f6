#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/ctr/command.h"
#include "cli/ctr/human.h"
#include "cli/ctr/print.h"
#include "cli/format/template.h"
#include "cli/format/template_functions.h"

namespace crun::cli {
namespace {

using nlohmann::json;

constexpr Option kOptions[] = {
    {.name = "format",
     .letter = 'f',
     .takes = Takes::value,
     .value_name = "string",
     .help = "json, or a Go template ({{.Containers}})"},
};

struct Line {
  const char* field;
  std::string_view title;
};
constexpr Line kLines[] = {
    {"Containers", "Containers"},
    {"ContainersRunning", " Running"},
    {"ContainersStopped", " Stopped"},
    {"Images", "Images"},
    {"ServerVersion", "Version"},
    {"Driver", "Storage driver"},
    {"LoggingDriver", "Logging driver"},
    {"CgroupDriver", "Cgroup driver"},
    {"CgroupVersion", "Cgroup version"},
    {"SecurityOptions", "Security"},
    {"KernelVersion", "Kernel"},
    {"OperatingSystem", "Operating system"},
    {"OSType", "OS type"},
    {"Architecture", "Architecture"},
    {"NCPU", "CPUs"},
    {"MemTotal", "Memory"},
    {"Name", "Name"},
    {"DataRoot", "Data root"},
    {"RunRoot", "Run root"},
};

std::string shown(const char* field, const json& value) {
  if (std::string_view(field) == "MemTotal" && value.is_number()) return human_size(value.get<double>());
  if (!value.is_array()) return go_text(value);
  std::string text;
  for (const json& element : value) text += (text.empty() ? "" : ", ") + go_text(element);
  return text;
}

int info(Engine& engine, const Options& options) {
  const json all = json::parse(engine_info(engine));
  const std::string format = options.text("format");
  if (!format.empty()) {
    print(format_object(format, all));
    return 0;
  }
  for (const auto& [field, title] : kLines)
    if (all.contains(field)) print(fmt::format("{}: {}\n", title, shown(field, all[field])));
  flush_output();
  if (all.contains("Warnings") && all["Warnings"].is_array())
    for (const json& warning : all["Warnings"]) print_error("", "warning: " + go_text(warning));
  return 0;
}

}  // namespace

constinit const Command kInfo = {
    .group = Group::host,
    .grammar = {.name = "info",
                .arguments = "",
                .summary = "Show this host, what is stored, and what it cannot do",
                .example = "ctr info --format '{{.ContainersRunning}}'",
                .options = kOptions,
                .refused = {},
                .least = 0,
                .most = 0},
    .run = info,
};

}  // namespace crun::cli
