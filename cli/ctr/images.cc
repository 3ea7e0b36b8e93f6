#include "crun/images.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/ctr/command.h"
#include "cli/ctr/human.h"
#include "cli/ctr/print.h"
#include "cli/ctr/text.h"
#include "cli/format/listing.h"

namespace crun::cli {
namespace {

using nlohmann::json;

constexpr Option kOptions[] = {
    {.name = "all", .letter = 'a', .help = "Accepted for docker's sake: no image is hidden here"},
    {.name = "digests", .help = "Show digests too"},
    {.name = "filter",
     .letter = 'f',
     .takes = Takes::values,
     .value_name = "filter",
     .help = "Only some: dangling, label, reference, before, since"},
    {.name = "format",
     .takes = Takes::value,
     .value_name = "string",
     .help = "json, table, 'table TEMPLATE' or a Go template ({{.Repository}} {{.Size}})"},
    {.name = "no-trunc", .help = "Do not shorten ids"},
    {.name = "quiet", .letter = 'q', .help = "Show ids alone"},
};
constexpr RefusedOption kRefused[] = {
    {"tree", 0, "lists by platform are not supported"},
};

constexpr Column kColumns[] = {
    {"ID", "IMAGE ID"},
    {"Repository", "REPOSITORY"},
    {"Tag", "TAG"},
    {"Digest", "DIGEST"},
    {"CreatedSince", "CREATED"},
    {"CreatedAt", "CREATED AT"},
    {"Size", "SIZE"},
    {"VirtualSize", "SIZE"},
    {"UniqueSize", "UNIQUE SIZE"},
    {"SharedSize", "SHARED SIZE"},
    {"Containers", "CONTAINERS"},
};
constexpr std::string_view kTable = "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
constexpr std::string_view kTableWithDigests =
    "table {{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
constexpr std::string_view kNone = "<none>";
constexpr size_t kShortId = 12;

// "registry:5000/name:tag" at its last colon, unless that belongs to the registry's port.
std::pair<std::string, std::string> name_and_tag(const std::string& reference) {
  const size_t colon = reference.rfind(':');
  if (colon == std::string::npos || reference.find('/', colon) != std::string::npos)
    return {reference, std::string(kNone)};
  return {reference.substr(0, colon), reference.substr(colon + 1)};
}

std::string short_id(const std::string& id) {
  const size_t colon = id.find(':');
  return id.substr(colon == std::string::npos ? 0 : colon + 1, kShortId);
}

// The digest under which the image is known by that name.
std::string digest_of(const ImageSummary& image, const std::string& name) {
  for (const std::string& digest : image.digests)
    if (digest.starts_with(name + "@")) return digest.substr(name.size() + 1);
  return std::string(kNone);
}

json row(const ImageSummary& image, const std::string& name, const std::string& tag, bool whole, int64_t now) {
  const std::string size = human_size(static_cast<double>(image.size), 3);
  return {
      {"ID", whole ? image.id : short_id(image.id)},
      {"Repository", name},
      {"Tag", tag},
      {"Digest", digest_of(image, name)},
      // An image without a time of creation has the zero of its format; docker shows N/A.
      {"CreatedSince", image.created <= 0 ? "N/A" : human_duration(now - image.created) + " ago"},
      {"CreatedAt", human_time(image.created)},
      {"Size", size},
      {"VirtualSize", size},
      {"UniqueSize", "N/A"},
      {"SharedSize", "N/A"},
      {"Containers", std::to_string(image.containers)},
  };
}

int images(Engine& engine, const Options& options) {
  const bool quiet = options.flag("quiet"), whole = options.flag("no-trunc");
  const int64_t now = now_nanoseconds();
  ImageFilter filter;
  if (!options.arguments.empty()) filter.reference = options.arguments[0];
  filter.filters = parse_filters(options.all("filter"));
  std::vector<json> rows;
  for (const ImageSummary& image : list_images(engine, filter)) {
    for (const std::string& tag : image.tags) {
      const auto [name, suffix] = name_and_tag(tag);
      rows.push_back(row(image, name, suffix, whole, now));
      if (quiet) break;
    }
    if (image.tags.empty()) rows.push_back(row(image, std::string(kNone), std::string(kNone), whole, now));
  }
  std::string format = options.text("format");
  if (quiet) format = "{{.ID}}";
  if (format.empty() || format == "table") format = options.flag("digests") ? kTableWithDigests : kTable;
  print(format_list(format, kColumns, rows));
  return 0;
}

}  // namespace

constinit const Command kImages = {
    .group = Group::common,
    .grammar = {.name = "images",
                .arguments = "[NAME[:TAG]]",
                .summary = "List images",
                .example = "ctr images --format '{{.Repository}}:{{.Tag}} {{.Size}}'",
                .options = kOptions,
                .refused = kRefused,
                .least = 0,
                .most = 1},
    .run = images,
};

}  // namespace crun::cli
