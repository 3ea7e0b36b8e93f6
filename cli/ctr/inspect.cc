#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "cli/format/template.h"
#include "crun/containers.h"
#include "crun/images.h"

namespace crun::cli {
namespace {

using nlohmann::json;

constexpr Option kFormat = {.name = "format",
                            .letter = 'f',
                            .takes = Takes::value,
                            .value_name = "string",
                            .help = "json, or a Go template ({{.State.Status}})"};
constexpr Option kType = {
    .name = "type", .takes = Takes::value, .value_name = "string", .help = "container or image, where a name is both"};
constexpr Option kOptions[] = {kFormat, kType};
constexpr Option kOptionsOfType[] = {kFormat};
constexpr RefusedOption kRefused[] = {{"size", 's', "sizes of containers are not supported"}};

using Inspect = std::string (*)(Engine&, const std::string&);

std::string inspect_either(Engine& engine, const std::string& name) {
  try {
    return inspect_container(engine, name);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
  }
  try {
    return inspect_image(engine, name);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    throw Error(ErrorKind::not_found,
                fmt::format("no container and no image is called '{}'; see ctr ps -a and ctr images", name));
  }
}

Inspect inspect_of_type(const Options& options) {
  const std::string* type = options.find("type");
  if (type == nullptr || type->empty()) return inspect_either;
  if (*type == "container") return inspect_container;
  if (*type == "image") return inspect_image;
  throw Error(ErrorKind::invalid, fmt::format("--type: '{}' is neither container nor image", *type));
}

// Indented by four and in the order that the engine gave; as docker, an empty list where nothing was found.
std::string as_list(const std::vector<json>& found) {
  return json(found).dump(4, ' ', false, json::error_handler_t::replace) + "\n";
}

int show(Engine& engine, const Options& options, Inspect inspect) {
  std::string format = options.text("format");
  if (format == "json") format = "{{json .}}";
  const Template line = Template::parse(format);
  std::vector<json> found;
  std::vector<std::string> missing;
  for (const std::string& name : options.arguments) {
    try {
      found.push_back(json::parse(inspect(engine, name)));
    } catch (const Error& error) {
      missing.push_back(error.text());
    }
  }
  if (format.empty())
    print(as_list(found));
  else
    for (const json& object : found) print(line.render(object) + "\n");
  flush_output();
  for (const std::string& text : missing) print_error("inspect", text);
  return missing.empty() ? 0 : 1;
}

int inspect_any(Engine& engine, const Options& options) { return show(engine, options, inspect_of_type(options)); }
int inspect_one_container(Engine& engine, const Options& options) { return show(engine, options, inspect_container); }
int inspect_one_image(Engine& engine, const Options& options) { return show(engine, options, inspect_image); }

}  // namespace

constinit const Command kInspect = {
    .group = Group::containers,
    .grammar = {.name = "inspect",
                .arguments = "NAME [NAME...]",
                .summary = "Show all that is known of containers or images, as JSON",
                .example = "ctr inspect --format '{{.State.ExitCode}}' web",
                .options = kOptions,
                .refused = kRefused,
                .least = 1},
    .run = inspect_any,
};

constinit const Command kContainerInspect = {
    .group = Group::containers,
    .grammar = {.name = "container inspect",
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Show all that is known of containers, as JSON",
                .example = "ctr container inspect --format '{{.State.ExitCode}}' web",
                .options = kOptionsOfType,
                .refused = kRefused,
                .least = 1},
    .run = inspect_one_container,
};

constinit const Command kImageInspect = {
    .group = Group::images,
    .grammar = {.name = "image inspect",
                .arguments = "IMAGE [IMAGE...]",
                .summary = "Show all that is known of images, as JSON",
                .example = "ctr image inspect --format '{{join .Config.Cmd \" \"}}' hello",
                .options = kOptionsOfType,
                .refused = {},
                .least = 1},
    .run = inspect_one_image,
};

}  // namespace crun::cli
