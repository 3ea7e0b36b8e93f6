#include "engine/image/changes.h"

#include <algorithm>

#include "crun/error.h"
#include "engine/spec/generate.h"
#include "image/dockerfile/parse.h"
#include "image/dockerfile/substitute.h"

namespace crun::engine {
namespace {

using namespace dockerfile;

// There are no variables here: what looks like one is empty, as docker has it.
std::string plain(const Text& text) {
  return substitute(text.value, '\\', [](std::string_view) { return std::nullopt; });
}

std::vector<std::string> arguments(const CommandLine& command) {
  if (!command.shell_form) return command.words;
  return {"/bin/sh", "-c", command.words.empty() ? "" : command.words[0]};
}

void add_sorted(std::vector<std::string>& list, const std::string& value) {
  auto place = std::lower_bound(list.begin(), list.end(), value);
  if (place == list.end() || *place != value) list.insert(place, value);
}

struct Apply {
  image::ContainerConfig& config;
  const std::string& change;

  void operator()(const Cmd& cmd) const { config.cmd = arguments(cmd.command); }
  void operator()(const Entrypoint& entrypoint) const { config.entrypoint = arguments(entrypoint.command); }
  void operator()(const Env& env) const {
    for (const Assignment& one : env.list) override_environment(config.env, {plain(one.name) + "=" + plain(one.value)});
  }
  void operator()(const Label& label) const {
    for (const Assignment& one : label.list) config.labels[plain(one.name)] = plain(one.value);
  }
  void operator()(const Expose& expose) const {
    for (const Text& port : expose.ports) {
      std::string text = plain(port);
      add_sorted(config.exposed_ports, text.find('/') == std::string::npos ? text + "/tcp" : text);
    }
  }
  void operator()(const Volume& volume) const {
    for (const Text& path : volume.paths) add_sorted(config.volumes, plain(path));
  }
  void operator()(const User& user) const { config.user = plain(user.user); }
  void operator()(const Workdir& workdir) const { config.working_dir = plain(workdir.path); }
  void operator()(const StopSignal& signal) const { config.stop_signal = plain(signal.signal); }
  template <typename Other>
  void operator()(const Other&) const {
    throw Error(
        ErrorKind::invalid,
        "--change '" + change + "': use CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME or WORKDIR");
  }
};

}  // namespace

void apply_change(image::ContainerConfig& config, const std::string& change) {
  for (const Instruction& instruction : parse(Source("--change", change)).list) {
    std::visit(Apply{config, change}, instruction.body);
  }
}

}  // namespace crun::engine
