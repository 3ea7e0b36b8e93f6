#include <nlohmann/json.hpp>

#include "base/json.h"
#include "crun/error.h"
#include "engine/spec/generate.h"
#include "libcrun/spec/parse.h"

namespace crun::engine {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& option, const std::string& why) {
  throw Error(ErrorKind::invalid, "--security-opt '" + option + "': " + why);
}

bool parse_bool(const std::string& option, const std::string& value) {
  if (value.empty() || value == "true" || value == "1") return true;
  if (value == "false" || value == "0") return false;
  refuse(option, "'" + value + "' is neither true nor false");
}

// docker's names of the machine's architecture in archMap and includes.arches.
struct ArchName {
  spec::SeccompArch arch;
  const char* docker;
  const char* seccomp;
};
constexpr ArchName kArchNames[] = {
    {spec::SeccompArch::x86_64, "amd64", "SCMP_ARCH_X86_64"},
    {spec::SeccompArch::aarch64, "arm64", "SCMP_ARCH_AARCH64"},
    {spec::SeccompArch::riscv64, "riscv64", "SCMP_ARCH_RISCV64"},
    {spec::SeccompArch::ppc64le, "ppc64le", "SCMP_ARCH_PPC64LE"},
    {spec::SeccompArch::s390x, "s390x", "SCMP_ARCH_S390X"},
};

const ArchName& name_of(spec::SeccompArch arch) {
  for (const ArchName& name : kArchNames) {
    if (name.arch == arch) return name;
  }
  throw Error(ErrorKind::unsupported, "seccomp profile: this architecture has no name in docker's form");
}

bool contains(const json& list, const std::string& text) {
  if (!list.is_array()) return false;
  for (const json& entry : list) {
    if (entry.is_string() && entry.get<std::string>() == text) return true;
  }
  return false;
}

bool any_of(const json& list, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (contains(list, text)) return true;
  }
  return false;
}

bool all_in(const json& list, const std::vector<std::string>& texts) {
  for (const json& entry : list) {
    if (!entry.is_string() || !any_of(json::array({entry}), texts)) return false;
  }
  return true;
}

// Whether a rule of docker's form counts here: each of its `includes` must hold, none of its `excludes` may.
bool applies(const json& rule, const std::vector<std::string>& capabilities, const HostFacts& host) {
  const std::string arch = name_of(host.arch).docker;
  json includes = rule.value("includes", json::object());
  json excludes = rule.value("excludes", json::object());
  if (includes.contains("arches") && !includes["arches"].empty() && !contains(includes["arches"], arch)) return false;
  if (includes.contains("caps") && !all_in(includes["caps"], capabilities)) return false;
  if (includes.contains("minKernel") && includes["minKernel"].is_string() &&
      host.kernel < security::parse_kernel_version(includes["minKernel"].get<std::string>())) {
    return false;
  }
  if (excludes.contains("arches") && contains(excludes["arches"], arch)) return false;
  if (excludes.contains("caps") && any_of(excludes["caps"], capabilities)) return false;
  if (excludes.contains("minKernel") && excludes["minKernel"].is_string() &&
      !(host.kernel < security::parse_kernel_version(excludes["minKernel"].get<std::string>()))) {
    return false;
  }
  return true;
}

void resolve_architectures(json& profile, const HostFacts& host) {
  if (!profile.contains("archMap")) return;
  json architectures = json::array();
  for (const json& entry : profile["archMap"]) {
    if (!entry.is_object() || entry.value("architecture", "") != name_of(host.arch).seccomp) continue;
    architectures.push_back(entry["architecture"]);
    for (const json& sub : entry.value("subArchitectures", json::array())) architectures.push_back(sub);
  }
  profile.erase("archMap");
  profile["architectures"] = architectures;
}

}  // namespace

SecurityOptions parse_security_options(const std::vector<std::string>& options) {
  SecurityOptions result;
  for (const std::string& option : options) {
    // "=" as docker has it now, ":" as it had it once.
    size_t separator = option.find_first_of("=:");
    std::string name = option.substr(0, separator);
    std::string value = separator == std::string::npos ? "" : option.substr(separator + 1);
    if (name == "no-new-privileges") {
      result.no_new_privileges = parse_bool(option, value);
    } else if (value.empty()) {
      refuse(option, "use no-new-privileges, seccomp=unconfined, seccomp=FILE or apparmor=NAME");
    } else if (name == "seccomp" && value == "unconfined") {
      result.seccomp_unconfined = true;
    } else if (name == "seccomp") {
      result.seccomp_profile = value == "builtin" ? "" : value;
    } else if (name == "apparmor") {
      result.apparmor = value;
    } else {
      refuse(option, "use no-new-privileges, seccomp=unconfined, seccomp=FILE or apparmor=NAME");
    }
  }
  return result;
}

spec::Seccomp parse_seccomp_profile(const std::string& text, const std::vector<std::string>& capabilities,
                                    const HostFacts& host) {
  constexpr const char* kName = "seccomp profile";
  json profile = parse_json(text, kName);
  if (!profile.is_object()) throw Error(ErrorKind::invalid, "seccomp profile: not a JSON object");
  resolve_architectures(profile, host);
  if (profile.contains("syscalls") && profile["syscalls"].is_array()) {
    json kept = json::array();
    for (json& rule : profile["syscalls"]) {
      if (rule.is_object() && !applies(rule, capabilities, host)) continue;
      for (const char* docker_only : {"includes", "excludes", "comment"}) {
        if (rule.is_object()) rule.erase(docker_only);
      }
      // The form of docker 1.10: one name a rule.
      if (rule.is_object() && rule.contains("name") && !rule.contains("names"))
        rule["names"] = json::array({rule["name"]});
      kept.push_back(std::move(rule));
    }
    profile["syscalls"] = std::move(kept);
  }
  return spec::parse_seccomp(write_json(profile), kName);
}

}  // namespace crun::engine
