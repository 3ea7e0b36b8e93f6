#include "image/oci/config.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "crun/error.h"
#include "image/oci/members.h"

namespace crun::image {
namespace {

using nlohmann::json;

constexpr size_t kMaxHistory = 10000;

Healthcheck read_healthcheck(const Members& members) {
  auto duration = [&](const char* key) {
    int64_t value = members.integer(key).value_or(0);
    if (value < 0) members.fail(key, "is negative");
    return value;
  };
  return {members.texts("Test").value_or(std::vector<std::string>{}),
          duration("Interval"),
          duration("Timeout"),
          duration("StartPeriod"),
          duration("StartInterval"),
          duration("Retries")};
}

ContainerConfig read_container(const Members& members) {
  ContainerConfig result;
  result.user = members.text("User");
  result.exposed_ports = members.keys_of("ExposedPorts");
  result.env = members.texts("Env").value_or(std::vector<std::string>{});
  for (const std::string& entry : result.env) {
    if (entry.empty() || entry.front() == '=') members.fail("Env", "has an entry without a name");
  }
  result.entrypoint = members.texts("Entrypoint");
  result.cmd = members.texts("Cmd");
  result.volumes = members.keys_of("Volumes");
  result.working_dir = members.text("WorkingDir");
  result.labels = members.text_map("Labels");
  result.stop_signal = members.text("StopSignal");
  result.stop_timeout = members.integer("StopTimeout");
  if (std::optional<Members> check = members.object("Healthcheck")) result.healthcheck = read_healthcheck(*check);
  result.on_build = members.texts("OnBuild").value_or(std::vector<std::string>{});
  result.shell = members.texts("Shell").value_or(std::vector<std::string>{});
  result.args_escaped = members.boolean("ArgsEscaped");
  result.unknown =
      members.others({"User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels",
                      "StopSignal", "StopTimeout", "Healthcheck", "OnBuild", "Shell", "ArgsEscaped"});
  return result;
}

std::vector<Digest> read_diff_ids(const Members& top) {
  std::optional<Members> rootfs = top.object("rootfs");
  if (!rootfs) top.fail("rootfs", "is missing: this is an artifact, not an image");
  if (rootfs->text("type") != "layers") rootfs->fail("type", "is not \"layers\"");
  std::vector<Digest> result;
  for (const std::string& text : rootfs->texts("diff_ids").value_or(std::vector<std::string>{})) {
    std::optional<Digest> digest = Digest::find(text);
    if (!digest) rootfs->fail("diff_ids", "holds what is not of the form sha256:<64 lower-case hexadecimal digits>");
    result.push_back(std::move(*digest));
  }
  if (result.size() > kMaxLayers) rootfs->fail("diff_ids", "has more than " + std::to_string(kMaxLayers) + " layers");
  return result;
}

template <typename Value>
void put(json& object, const char* key, const Value& value) {
  if (!value.empty()) object[key] = value;
}

void put_unknown(json& object, const std::map<std::string, std::string>& unknown) {
  for (const auto& [key, text] : unknown) object[key] = parse_json(text, key);
}

void put_keys(json& object, const char* key, const std::vector<std::string>& names) {
  for (const std::string& name : names) object[key][name] = json::object();
}

json to_json(const Healthcheck& check) {
  json result = json::object();
  put(result, "Test", check.test);
  auto put_number = [&](const char* key, int64_t value) {
    if (value != 0) result[key] = value;
  };
  put_number("Interval", check.interval);
  put_number("Timeout", check.timeout);
  put_number("StartPeriod", check.start_period);
  put_number("StartInterval", check.start_interval);
  put_number("Retries", check.retries);
  return result;
}

json to_json(const ContainerConfig& config) {
  json result = json::object();
  put_unknown(result, config.unknown);
  put(result, "User", config.user);
  put_keys(result, "ExposedPorts", config.exposed_ports);
  put(result, "Env", config.env);
  if (config.entrypoint) result["Entrypoint"] = *config.entrypoint;
  if (config.cmd) result["Cmd"] = *config.cmd;
  put_keys(result, "Volumes", config.volumes);
  put(result, "WorkingDir", config.working_dir);
  put(result, "Labels", config.labels);
  put(result, "StopSignal", config.stop_signal);
  if (config.stop_timeout) result["StopTimeout"] = *config.stop_timeout;
  if (config.healthcheck) result["Healthcheck"] = to_json(*config.healthcheck);
  put(result, "OnBuild", config.on_build);
  put(result, "Shell", config.shell);
  if (config.args_escaped) result["ArgsEscaped"] = true;
  return result;
}

json to_json(const History& history) {
  json result = json::object();
  put(result, "created", history.created);
  put(result, "created_by", history.created_by);
  put(result, "author", history.author);
  put(result, "comment", history.comment);
  if (history.empty_layer) result["empty_layer"] = true;
  return result;
}

}  // namespace

ImageConfig parse_image_config(std::string_view text, std::string_view name) {
  json value = parse_json(text, name, {kConfigBytes, 64});
  Members top(value, name);
  ImageConfig result;
  result.created = top.text("created");
  result.author = top.text("author");
  result.platform = {top.text("os"), top.text("architecture"), top.text("variant"), top.text("os.version")};
  result.os_features = top.texts("os.features").value_or(std::vector<std::string>{});
  if (std::optional<Members> config = top.object("config")) result.config = read_container(*config);
  result.diff_ids = read_diff_ids(top);
  top.objects("history", kMaxHistory, [&](const Members& entry) {
    result.history.push_back({entry.text("created"), entry.text("created_by"), entry.text("author"),
                              entry.text("comment"), entry.boolean("empty_layer")});
  });
  result.unknown = top.others({"created", "author", "os", "architecture", "variant", "os.version", "os.features",
                               "config", "rootfs", "history"});
  return result;
}

std::string write_image_config(const ImageConfig& config) {
  json result = json::object();
  put_unknown(result, config.unknown);
  put(result, "created", config.created);
  put(result, "author", config.author);
  result["os"] = config.platform.os;
  result["architecture"] = config.platform.architecture;
  put(result, "variant", config.platform.variant);
  put(result, "os.version", config.platform.os_version);
  put(result, "os.features", config.os_features);
  result["config"] = to_json(config.config);
  json diff_ids = json::array();
  for (const Digest& digest : config.diff_ids) diff_ids.push_back(digest.text());
  result["rootfs"] = {{"type", "layers"}, {"diff_ids", std::move(diff_ids)}};
  for (const History& entry : config.history) result["history"].push_back(to_json(entry));
  return write_json(result);
}

}  // namespace crun::image
