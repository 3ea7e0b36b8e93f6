#include "engine/container/request_json.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace crun::engine {
namespace {

using nlohmann::json;

// Each member once, for both directions: `Fields` is a writer or a reader.
template <typename Fields, typename Request>
void visit(Fields& fields, Request& request) {
  fields("image", request.image);
  fields("command", request.command);
  fields("entrypoint", request.entrypoint);
  fields("name", request.name);
  fields("hostname", request.hostname);
  fields("env", request.env);
  fields("mounts", request.mounts);
  fields("tmpfs", request.tmpfs);
  fields("workingDir", request.working_dir);
  fields("user", request.user);
  fields("network", request.network);
  fields("memory", request.memory);
  fields("memorySwap", request.memory_swap);
  fields("nanoCpus", request.nano_cpus);
  fields("pidsLimit", request.pids_limit);
  fields("readOnly", request.read_only);
  fields("capAdd", request.cap_add);
  fields("capDrop", request.cap_drop);
  fields("securityOpt", request.security_opt);
  fields("privileged", request.privileged);
  fields("labels", request.labels);
  fields("stopSignal", request.stop_signal);
  fields("stopTimeout", request.stop_timeout);
  fields("interactive", request.interactive);
  fields("tty", request.tty);
  fields("remove", request.remove);
  fields("init", request.init);
  fields("logMaxSize", request.log.max_size);
  fields("logMaxFiles", request.log.max_files);
}

struct Writer {
  json object = json::object();

  // What is as it is by default is left out.
  template <typename Value>
  void operator()(const char* key, const Value& value) {
    if (value != Value{}) object[key] = value;
  }
  template <typename Value>
  void operator()(const char* key, const std::optional<Value>& value) {
    if (value) object[key] = *value;
  }
  void operator()(const char* key, const std::vector<BindMount>& mounts) {
    for (const BindMount& mount : mounts) {
      object[key].push_back({mount.source, mount.destination, mount.read_only, mount.make_source, mount.propagation});
    }
  }
  void operator()(const char* key, const std::vector<TmpfsMount>& mounts) {
    for (const TmpfsMount& mount : mounts) object[key].push_back({mount.destination, mount.options});
  }
};

struct Reader {
  const json& object;

  template <typename Value>
  void operator()(const char* key, Value& value) {
    if (auto found = object.find(key); found != object.end()) value = found->get<Value>();
  }
  template <typename Value>
  void operator()(const char* key, std::optional<Value>& value) {
    if (auto found = object.find(key); found != object.end()) value = found->get<Value>();
  }
  void operator()(const char* key, std::vector<BindMount>& mounts) {
    if (!object.contains(key)) return;
    for (const json& entry : object[key]) {
      mounts.push_back({entry.at(0).get<std::string>(), entry.at(1).get<std::string>(), entry.at(2).get<bool>(),
                        entry.at(3).get<bool>(), entry.at(4).get<std::string>()});
    }
  }
  void operator()(const char* key, std::vector<TmpfsMount>& mounts) {
    if (!object.contains(key)) return;
    for (const json& entry : object[key]) {
      mounts.push_back({entry.at(0).get<std::string>(), entry.at(1).get<std::string>()});
    }
  }
};

}  // namespace

std::string write_request(const ContainerRequest& request) {
  Writer writer;
  visit(writer, request);
  // Zero is a value here, and the default another.
  writer.object["logMaxSize"] = request.log.max_size;
  return write_json(writer.object);
}

ContainerRequest read_request(const std::string& text) {
  try {
    json object = parse_json(text, "a container's row");
    ContainerRequest request;
    Reader reader{object};
    visit(reader, request);
    return request;
  } catch (const json::exception& error) {
    throw Error(ErrorKind::internal, std::string("reading a container's row: ") + error.what());
  }
}

}  // namespace crun::engine
