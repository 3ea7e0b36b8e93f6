// inspect_container.
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "engine/container/describe.h"
#include "engine/container/settle.h"
#include "engine/impl.h"
#include "engine/spec/host.h"

namespace crun {

using namespace engine;

namespace {

using nlohmann::json;

constexpr const char* kNever = "0001-01-01T00:00:00Z";  // Go's zero time, as docker prints it

std::string time_text(int64_t nanoseconds) { return nanoseconds == 0 ? kNever : format_rfc3339(nanoseconds); }

json state_json(const Condition& condition) {
  StatusRecord record = condition.record.value_or(StatusRecord{});
  bool running = condition.running();
  std::string error = record.error;
  if ((record.flags & kMonitorLost) != 0 && error.empty()) error = "monitor lost";
  return {{"Status", state_name(condition)},
          {"Running", running},
          {"Paused", false},
          {"Restarting", false},
          {"OOMKilled", (record.flags & kOomKilled) != 0},
          {"Dead", false},
          {"Pid", running ? record.pid : 0},
          {"ExitCode", running ? 0 : record.exit_code},
          {"Error", error},
          {"StartedAt", time_text(record.started_at)},
          {"FinishedAt", running ? kNever : time_text(record.finished_at)}};
}

json config_json(const Container& container, const image::ContainerConfig& image, const ProcessRequest& process,
                 const std::string& hostname) {
  const ContainerRequest& request = container.request;
  std::map<std::string, std::string> labels = image.labels;
  for (const auto& [key, value] : request.labels) labels[key] = value;
  json exposed = json::object();
  for (const std::string& port : image.exposed_ports) exposed[port] = json::object();
  json volumes = json::object();
  for (const std::string& volume : image.volumes) volumes[volume] = json::object();
  const auto& entrypoint = request.entrypoint ? request.entrypoint : image.entrypoint;
  const auto& command =
      request.command.empty() && !request.entrypoint ? image.cmd.value_or(std::vector<std::string>{}) : request.command;
  return {{"Hostname", hostname},
          {"User", process.user},
          {"AttachStdin", request.interactive},
          {"OpenStdin", request.interactive},
          {"Tty", request.tty},
          {"Env", process.environment},
          {"Cmd", command},
          {"Image", container.image},
          {"ExposedPorts", exposed},
          {"Volumes", volumes},
          {"WorkingDir", process.working_dir},
          {"Entrypoint", entrypoint ? json(*entrypoint) : json()},
          {"Labels", labels},
          {"StopSignal", request.stop_signal.empty() ? image.stop_signal : request.stop_signal}};
}

json host_config_json(const Container& container) {
  const ContainerRequest& request = container.request;
  json binds = json::array();
  for (const BindMount& bind : request.mounts) {
    binds.push_back(bind.source + ":" + bind.destination + (bind.read_only ? ":ro" : ""));
  }
  json tmpfs = json::object();
  for (const TmpfsMount& mount : request.tmpfs) tmpfs[mount.destination] = mount.options;
  return {
      {"Binds", binds},
      {"Tmpfs", tmpfs},
      {"NetworkMode", request.network},
      {"AutoRemove", request.remove},
      {"CapAdd", request.cap_add},
      {"CapDrop", request.cap_drop},
      {"Privileged", request.privileged},
      {"ReadonlyRootfs", request.read_only},
      {"SecurityOpt", request.security_opt},
      {"Memory", request.memory.value_or(0)},
      {"MemorySwap", request.memory ? request.memory_swap.value_or(*request.memory * 2) : 0},
      {"NanoCpus", request.nano_cpus.value_or(0)},
      {"PidsLimit", request.pids_limit ? json(*request.pids_limit) : json()},
      {"Init", request.init},
      {"LogConfig",
       {{"Type", "json-file"},
        {"Config",
         {{"max-size", std::to_string(request.log.max_size)}, {"max-file", std::to_string(request.log.max_files)}}}}}};
}

json mounts_json(const ContainerRequest& request) {
  json mounts = json::array();
  for (const BindMount& bind : request.mounts) {
    mounts.push_back({{"Type", "bind"},
                      {"Source", bind.source},
                      {"Destination", bind.destination},
                      {"Mode", bind.read_only ? "ro" : ""},
                      {"RW", !bind.read_only},
                      {"Propagation", bind.propagation.empty() ? "rprivate" : bind.propagation}});
  }
  return mounts;
}

}  // namespace

std::string inspect_container(Engine& engine, const std::string& name) {
  Engine::Impl& impl = engine.impl();
  Container container = get_container(impl, name);
  if (settle_ended(impl, container)) throw Error(ErrorKind::not_found, "no such container: " + name);
  Places places = places_of(engine.config(), container.id, container.kept);
  Condition condition = condition_of(places);
  image::Image image = impl.store().get_image(image::Digest::parse(container.image_id));
  image::ContainerConfig config = image.config().config;
  std::string hostname = container_hostname(container.request, container.id, impl.host());
  ProcessRequest process = merge_process(config, container.request, hostname);
  json lower = json::array();
  for (auto layer = image.layers.rbegin(); layer != image.layers.rend(); ++layer) {
    lower.push_back(impl.store().layers_path() + "/" + layer->id);
  }
  json result = {
      {"Id", container.id},
      {"Created", format_rfc3339(container.created)},
      {"Path", process.arguments[0]},
      {"Args", std::vector<std::string>(process.arguments.begin() + 1, process.arguments.end())},
      {"State", state_json(condition)},
      {"Image", container.image_id},
      {"ResolvConfPath", places.state() + "/resolv.conf"},
      {"HostnamePath", places.state() + "/hostname"},
      {"HostsPath", places.state() + "/hosts"},
      {"LogPath", places.storage() + "/log.json"},
      {"Name", "/" + container.name},
      {"RestartCount", 0},
      {"Driver", "overlay"},
      {"Platform", "linux"},
      {"HostConfig", host_config_json(container)},
      {"GraphDriver",
       {{"Name", "overlay"},
        {"Data",
         {{"LowerDir", lower}, {"UpperDir", places.storage() + "/upper"}, {"WorkDir", places.storage() + "/work"}}}}},
      {"Mounts", mounts_json(container.request)},
      {"Config", config_json(container, config, process, hostname)},
      {"NetworkSettings", {{"Networks", {{container.request.network, json::object()}}}}},
  };
  return write_json(result);
}

}  // namespace crun
