#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/ctr/command.h"
#include "cli/ctr/human.h"
#include "cli/ctr/print.h"
#include "cli/ctr/text.h"
#include "cli/format/listing.h"
#include "crun/containers.h"

namespace crun::cli {
namespace {

using nlohmann::json;

constexpr Option kOptions[] = {
    {.name = "all", .letter = 'a', .help = "Show those that have ended too"},
    {.name = "filter",
     .letter = 'f',
     .takes = Takes::values,
     .value_name = "filter",
     .help = "Only some: id, name, label, status, exited, ancestor, before, since"},
    {.name = "format",
     .takes = Takes::value,
     .value_name = "string",
     .help = "json, table, 'table TEMPLATE' or a Go template ({{.ID}} {{.Names}})"},
    {.name = "last",
     .letter = 'n',
     .takes = Takes::value,
     .value_name = "int",
     .help = "Only the newest ones, in any state"},
    {.name = "latest", .letter = 'l', .help = "Only the newest one, in any state"},
    {.name = "no-trunc", .help = "Do not shorten ids and commands"},
    {.name = "quiet", .letter = 'q', .help = "Show ids alone"},
};
constexpr RefusedOption kRefused[] = {{"size", 's', "sizes of containers are not supported"}};

constexpr Column kColumns[] = {
    {"ID", "CONTAINER ID"},    {"Image", "IMAGE"},
    {"Command", "COMMAND"},    {"CreatedAt", "CREATED AT"},
    {"RunningFor", "CREATED"}, {"State", "STATE"},
    {"Status", "STATUS"},      {"Ports", "PORTS"},
    {"Names", "NAMES"},        {"Labels", "LABELS"},
    {"Mounts", "MOUNTS"},      {"Networks", "NETWORKS"},
    {"Size", "SIZE"},          {"LocalVolumes", "LOCAL VOLUMES"},
};
constexpr std::string_view kTable =
    "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";
constexpr size_t kShortId = 12, kShortCommand = 20;

std::string shortened(const std::string& text, size_t most) {
  if (text.size() <= most) return text;
  size_t end = most - 1;
  while (end > 0 && (text[end] & 0xc0) == 0x80) --end;  // not within a character
  return text.substr(0, end) + "\xe2\x80\xa6";
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ",") + text;
  return all;
}

std::string labels_text(const Pairs& labels) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : labels) texts.push_back(fmt::format("{}={}", name, value));
  std::sort(texts.begin(), texts.end());
  return joined(texts);
}

json row(const ContainerSummary& container, bool whole, int64_t now) {
  return {
      {"ID", whole ? container.id : container.id.substr(0, kShortId)},
      {"Image", container.image},
      {"Command", fmt::format("\"{}\"", whole ? container.command : shortened(container.command, kShortCommand))},
      {"CreatedAt", human_time(container.created)},
      {"RunningFor", human_duration(now - container.created) + " ago"},
      {"State", container.state},
      {"Status", container.status},
      {"Ports", ""},
      {"Names", container.name},
      {"Labels", labels_text(container.labels)},
      {"Mounts", joined(container.mounts)},
      {"Networks", container.network},
      {"Size", "0B"},
      {"LocalVolumes", "0"},
  };
}

// `.Label "name"`, by the row's id.
TemplateMethod label_method(const std::vector<ContainerSummary>& containers) {
  return
      [&containers](const json& object, std::string_view name, std::span<const json> arguments) -> std::optional<json> {
        if (name != "Label" || arguments.size() != 1) return std::nullopt;
        const std::string id = object.at("ID");
        for (const ContainerSummary& container : containers)
          if (container.id.starts_with(id))
            for (const auto& [label, value] : container.labels)
              if (arguments[0] == label) return value;
        return "";
      };
}

size_t newest_wanted(const Options& options) {
  if (options.flag("latest")) return 1;
  const std::string* last = options.find("last");
  if (last == nullptr) return kAnyNumber;
  try {
    const int64_t number = parse_integer(*last, "a number of containers");
    return number <= 0 ? kAnyNumber : static_cast<size_t>(number);
  } catch (const Error& error) {
    throw UsageError("--last: " + error.text(), 125);
  }
}

int ps(Engine& engine, const Options& options) {
  const size_t newest = newest_wanted(options);
  ContainerFilter filter;
  filter.all = options.flag("all") || newest != kAnyNumber;
  filter.filters = parse_filters(options.all("filter"));
  std::vector<ContainerSummary> containers = list_containers(engine, filter);
  if (containers.size() > newest) containers.resize(newest);
  const int64_t now = now_nanoseconds();
  std::vector<json> rows;
  for (const ContainerSummary& container : containers) rows.push_back(row(container, options.flag("no-trunc"), now));
  std::string format = options.text("format");
  if (options.flag("quiet")) format = "{{.ID}}";
  if (format.empty() || format == "table") format = kTable;
  print(format_list(format, kColumns, rows, label_method(containers)));
  return 0;
}

}  // namespace

constinit const Command kPs = {
    .group = Group::common,
    .grammar = {.name = "ps",
                .arguments = "",
                .summary = "List containers",
                .example = "ctr ps -a --format '{{.Names}}: {{.Status}}'",
                .options = kOptions,
                .refused = kRefused,
                .least = 0,
                .most = 0},
    .run = ps,
};

}  // namespace crun::cli
