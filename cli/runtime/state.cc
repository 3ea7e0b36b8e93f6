#include <nlohmann/json.hpp>

#include "cli/runtime/command.h"
#include "cli/runtime/files.h"
#include "cli/runtime/state_json.h"
#include "libcrun/spec/spec.h"

namespace crun::cli {
namespace {

int state(const Runtime& runtime, const Options& options) {
  print_out(state_json(runtime.state(options.arguments[0])).dump(2) + "\n");
  return 0;
}

}  // namespace

nlohmann::json state_json(const ContainerState& state) {
  nlohmann::json json = {{"ociVersion", std::string(spec::kVersion)},
                         {"id", state.id},
                         {"pid", state.pid},
                         {"status", std::string(status_name(state.status))},
                         {"bundle", state.bundle},
                         {"rootfs", state.rootfs},
                         {"created", timestamp(state.created_at)},
                         {"owner", user_name(state.owner)}};
  if (!state.annotations.empty()) json["annotations"] = state.annotations;
  return json;
}

const RuntimeCommand kRuntimeState{
    {"state", "ID", "show a container's state, as JSON", "ctr-runtime state c1", {}, {}, 1, 1}, state};

}  // namespace crun::cli
