// engine_info.
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "engine/container/places.h"
#include "engine/container/settle.h"
#include "engine/container/tables.h"
#include "engine/impl.h"
#include "libcrun/cgroup/hierarchy.h"
#include "libcrun/security/label.h"
#include "libcrun/security/seccomp.h"

namespace crun {

using namespace engine;

namespace {

using nlohmann::json;

struct Counts {
  size_t all = 0, running = 0, stopped = 0;
};

Counts count_containers(Engine& engine) {
  Counts counts;
  for (const Container& container : all_containers(engine.impl())) {
    if (settle_ended(engine.impl(), container)) continue;
    ++counts.all;
    bool running = condition_of(places_of(engine.config(), container.id, container.kept)).running();
    ++(running ? counts.running : counts.stopped);
  }
  return counts;
}

std::string operating_system() {
  std::string text;
  try {
    text = read_path("/etc/os-release");
  } catch (const SysError&) {
    return "unknown";  // a host need not have one
  }
  constexpr std::string_view kKey = "PRETTY_NAME=\"";
  size_t start = text.find(kKey);
  if (start == std::string::npos) return "unknown";
  start += kKey.size();
  return text.substr(start, text.find('"', start) - start);
}

// The cgroup controllers of this host, and a warning for each limit that it cannot give.
void add_cgroup(json& info, json& warnings) {
  std::string controllers;
  try {
    cgroup::Hierarchy hierarchy = cgroup::Hierarchy::find();
    controllers = " " + hierarchy.root().read_file("cgroup.controllers", 4096) + " ";
    info["CgroupVersion"] = "2";
    info["CgroupDriver"] = "cgroupfs";
  } catch (const Error& error) {
    warnings.push_back("no cgroup v2: containers cannot be started (" + error.text() + ")");
    info["CgroupVersion"] = "";
    info["CgroupDriver"] = "none";
    return;
  }
  for (char& c : controllers) c = c == '\n' ? ' ' : c;
  constexpr const char* kWanted[][2] = {{"memory", "--memory"}, {"cpu", "--cpus"}, {"pids", "--pids-limit"}};
  for (const auto& [controller, option] : kWanted) {
    bool there = controllers.find(std::string(" ") + controller + " ") != std::string::npos;
    if (!there)
      warnings.push_back(std::string(option) + " cannot be had: no cgroup v2 controller '" + controller + "'");
  }
  info["MemoryLimit"] = controllers.find(" memory ") != std::string::npos;
  info["CpuCfsQuota"] = controllers.find(" cpu ") != std::string::npos;
  info["PidsLimit"] = controllers.find(" pids ") != std::string::npos;
}

}  // namespace

std::string engine_info(Engine& engine) {
  settle_strays(engine.impl());
  json info;
  json warnings = json::array();
  Counts counts = count_containers(engine);
  image::Store::Usage usage = engine.impl().store().usage();
  utsname names{};
  uname(&names);
  struct sysinfo memory {};
  sysinfo(&memory);
  json security = json::array();
  if (security::seccomp_supported(spec::SeccompAction::error_number))
    security.push_back("name=seccomp,profile=builtin");
  if (security::apparmor_enabled()) security.push_back("name=apparmor");
  if (security::selinux_enabled()) security.push_back("name=selinux");
  security.push_back("name=cgroupns");
  info = {{"Containers", counts.all},
          {"ContainersRunning", counts.running},
          {"ContainersPaused", 0},
          {"ContainersStopped", counts.stopped},
          {"Images", usage.images},
          {"Layers", usage.layers},
          {"LayersSize", usage.bytes},
          {"BuildCacheSize", usage.cache_bytes},
          {"Driver", "overlay"},
          {"LoggingDriver", "json-file"},
          {"DefaultNetwork", engine.config().default_network},
          {"KernelVersion", names.release},
          {"OperatingSystem", operating_system()},
          {"OSType", "linux"},
          {"Architecture", names.machine},
          {"Name", names.nodename},
          {"NCPU", sysconf(_SC_NPROCESSORS_ONLN)},
          {"MemTotal", static_cast<uint64_t>(memory.totalram) * memory.mem_unit},
          {"DataRoot", engine.config().data_root},
          {"DockerRootDir", engine.config().data_root},
          {"RunRoot", engine.config().run_root},
          {"ServerVersion", CTR_VERSION},
          {"SecurityOptions", security}};
  add_cgroup(info, warnings);
  info["Warnings"] = warnings;
  return write_json(info);
}

}  // namespace crun
