#include "crun/features.h"

#include <seccomp.h>

#include <nlohmann/json.hpp>

#include "libcrun/rootfs/mount_options.h"
#include "libcrun/security/capabilities.h"
#include "libcrun/security/seccomp.h"
#include "libcrun/spec/names.h"
#include "libcrun/spec/spec.h"

namespace crun {
namespace {

using nlohmann::json;

// Names of the enumerators for which `wanted` holds.
template <typename Enum, typename Wanted>
json names_where(const Wanted& wanted) {
  json result = json::array();
  for (const auto& entry : spec::Names<Enum>::kTable) {
    if (wanted(entry.value)) result.push_back(std::string(entry.text));
  }
  return result;
}

constexpr auto kAny = [](auto) { return true; };

json seccomp_features() {
  return {
      {"enabled", true},
      {"actions", names_where<spec::SeccompAction>(kAny)},
      {"operators", names_where<spec::SeccompOperator>(kAny)},
      {"archs", names_where<spec::SeccompArch>(security::seccomp_arch_known)},
      {"knownFlags", names_where<spec::SeccompFlag>(kAny)},
      {"supportedFlags", names_where<spec::SeccompFlag>(security::seccomp_flag_supported)},
  };
}

json linux_features() {
  auto on = [] { return json{{"enabled", true}}; };
  return {
      {"namespaces", names_where<spec::NamespaceType>(kAny)},
      {"capabilities", security::known_capabilities()},
      {"cgroup", {{"v1", false}, {"v2", true}, {"systemd", true}, {"systemdUser", true}, {"rdma", true}}},
      {"seccomp", seccomp_features()},
      {"apparmor", on()},
      {"selinux", on()},
      {"intelRdt", {{"enabled", true}, {"schemata", true}, {"monitoring", true}}},
      {"mountExtensions", {{"idmap", on()}}},
      {"netDevices", on()},
  };
}

std::string libseccomp_version() {
  const scmp_version* version = seccomp_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->micro);
}

}  // namespace

std::string features_document() {
  json document = {
      {"ociVersionMin", "1.0.0"},
      {"ociVersionMax", std::string(spec::kVersion)},
      {"hooks", {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}},
      {"mountOptions", rootfs::known_mount_options()},
      {"linux", linux_features()},
      // What no machine of ours has: computed and tested, never run.
      {"annotations",
       {{"io.github.seccomp.libseccomp.version", libseccomp_version()},
        {"org.ctr.not-run", "linux.intelRdt linux.mountLabel linux.resources.rdma"}}},
      {"potentiallyUnsafeConfigAnnotations", json::array()},
  };
  return document.dump(2) + "\n";
}

}  // namespace crun
