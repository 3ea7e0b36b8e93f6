#include "image/build/cache_key.h"

#include <fmt/format.h>

#include "image/layer/digest.h"

namespace crun::build {
namespace {

// Changes whenever the same inputs would no longer give the same layer.
constexpr std::string_view kVersion = "1";

// A list as one text that no other list gives.
std::string counted(const std::vector<std::string>& list) {
  std::string result;
  for (const std::string& one : list) result += fmt::format("{}:{}", one.size(), one);
  return result;
}

Inputs base_inputs(std::string_view kind, const std::string& parent) {
  return {{"kind", std::string(kind)}, {"parent", parent}, {"version", std::string(kVersion)}};
}

}  // namespace

std::string cache_key(const Inputs& inputs) {
  std::string text;
  for (const auto& [name, value] : inputs) text += fmt::format("{}:{}{}:{}", name.size(), name, value.size(), value);
  return layer::sha256_digest(text);
}

std::string parent_digest(const std::vector<image::Digest>& diff_ids) {
  if (diff_ids.empty()) return "";
  std::string text;
  for (const image::Digest& diff_id : diff_ids) text += diff_id.text() + "\n";
  return layer::sha256_digest(text);
}

Inputs run_inputs(const RunStep& step, const std::string& parent, std::string_view network) {
  Inputs inputs = base_inputs("run", parent);
  inputs["command"] = counted(step.arguments);
  inputs["user"] = step.user;
  inputs["working folder"] = step.working_dir;
  inputs["network"] = network;
  for (const std::string& variable : step.environment) {
    size_t equals = variable.find('=');
    inputs["variable " + variable.substr(0, equals)] = equals == std::string::npos ? "" : variable.substr(equals + 1);
  }
  return inputs;
}

Inputs copy_inputs(const CopyStep& step, const std::string& parent, const std::vector<std::string>& sources) {
  Inputs inputs = base_inputs(step.add ? "add" : "copy", parent);
  inputs["sources"] = counted(step.sources);
  inputs["destination"] = step.destination;
  inputs["owner"] = step.owner.value_or("");
  inputs["mode"] = step.mode ? fmt::format("{:o}", *step.mode) : "";
  for (size_t i = 0; i < sources.size(); ++i) inputs[fmt::format("source {} {}", i, step.sources.at(i))] = sources[i];
  return inputs;
}

Inputs folder_inputs(const FolderStep& step, const std::string& parent) {
  Inputs inputs = base_inputs("folder", parent);
  inputs["path"] = step.path;
  return inputs;
}

}  // namespace crun::build
