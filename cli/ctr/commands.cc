#include <array>

#include "cli/ctr/command.h"

namespace crun::cli {
namespace {

// In the order of `ctr --help`; the two-word forms are other names for the same entries.
constexpr CommandName kNames[] = {
    {"build", &kBuild},
    {"run", &kRun},
    {"exec", &kExec},
    {"ps", &kPs},
    {"images", &kImages},

    {"create", &kCreate},
    {"start", &kStart},
    {"stop", &kStop},
    {"kill", &kKill},
    {"rm", &kRm},
    {"logs", &kLogs},
    {"wait", &kWait},
    {"inspect", &kInspect},

    {"load", &kLoad},
    {"save", &kSave},
    {"import", &kImport},
    {"tag", &kTag},
    {"rmi", &kRmi},

    {"info", &kInfo},
    {"version", &kVersion},

    {"container create", &kCreate},
    {"container exec", &kExec},
    {"container inspect", &kContainerInspect},
    {"container kill", &kKill},
    {"container list", &kPs},
    {"container logs", &kLogs},
    {"container ls", &kPs},
    {"container ps", &kPs},
    {"container remove", &kRm},
    {"container rm", &kRm},
    {"container run", &kRun},
    {"container start", &kStart},
    {"container stop", &kStop},
    {"container wait", &kWait},

    {"image build", &kBuild},
    {"image import", &kImport},
    {"image inspect", &kImageInspect},
    {"image list", &kImages},
    {"image load", &kLoad},
    {"image ls", &kImages},
    {"image remove", &kRmi},
    {"image rm", &kRmi},
    {"image save", &kSave},
    {"image tag", &kTag},

    {"builder build", &kBuild},
    {"system info", &kInfo},
};

constexpr std::string_view kAbsent[] = {
    "attach",
    "commit",
    "compose",
    "context",
    "cp",
    "diff",
    "events",
    "export",
    "history",
    "login",
    "logout",
    "network",
    "pause",
    "plugin",
    "port",
    "pull",
    "push",
    "rename",
    "restart",
    "search",
    "service",
    "stack",
    "stats",
    "swarm",
    "top",
    "trust",
    "unpause",
    "update",
    "volume",
    "buildx",
    "image history",
    "image prune",
    "image pull",
    "image push",
    "container attach",
    "container commit",
    "container cp",
    "container diff",
    "container export",
    "container pause",
    "container port",
    "container prune",
    "container rename",
    "container restart",
    "container stats",
    "container top",
    "container unpause",
    "container update",
    "builder prune",
    "system df",
    "system events",
    "system prune",
};

constexpr CommandFamily kFamilies[] = {
    {"container", "The commands about containers, under one name"},
    {"image", "The commands about images, under one name"},
    {"builder", "build"},
    {"system", "info"},
};

}  // namespace

std::span<const CommandName> command_names() { return kNames; }
std::span<const std::string_view> absent_commands() { return kAbsent; }
std::span<const CommandFamily> command_families() { return kFamilies; }

}  // namespace crun::cli
