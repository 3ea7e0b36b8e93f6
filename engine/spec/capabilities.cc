#include "libcrun/security/capabilities.h"

#include <algorithm>
#include <cctype>

#include "crun/error.h"
#include "engine/spec/generate.h"

namespace crun::engine {
namespace {

using security::CapabilityMask;

// What docker leaves a container's root.
constexpr const char* kDefaultCapabilities[] = {
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
    "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
    "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
    "CAP_KILL",    "CAP_AUDIT_WRITE",
};

CapabilityMask bit(int number) { return CapabilityMask{1} << number; }

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

struct Change {
  bool all = false;
  CapabilityMask mask = 0;
};

Change read_names(const std::vector<std::string>& names, const char* option) {
  Change change;
  for (const std::string& given : names) {
    std::string name = upper(given);
    if (name == "ALL" || name == "CAP_ALL") {
      change.all = true;
      continue;
    }
    if (name.rfind("CAP_", 0) != 0) name.insert(0, "CAP_");
    std::optional<int> number = security::find_capability(name);
    if (!number) {
      throw Error(ErrorKind::invalid,
                  std::string(option) + ": unknown capability '" + given + "'; see capabilities(7)");
    }
    change.mask |= bit(*number);
  }
  return change;
}

}  // namespace

std::vector<std::string> container_capabilities(const ContainerRequest& request, CapabilityMask available) {
  Change add = read_names(request.cap_add, "--cap-add");
  Change drop = read_names(request.cap_drop, "--cap-drop");
  CapabilityMask mask = 0;
  for (const char* name : kDefaultCapabilities) mask |= bit(*security::find_capability(name));
  // As docker: ALL on one side is where the other side starts from.
  if (request.privileged) {
    mask = available;
  } else if (add.all) {
    mask = available & ~drop.mask;
  } else if (drop.all) {
    mask = add.mask;
  } else {
    mask = (mask | add.mask) & ~drop.mask;
  }
  mask &= available;
  std::vector<std::string> names;
  for (int number = 0; number < 64; ++number) {
    if ((mask & bit(number)) != 0) names.emplace_back(security::capability_name(number));
  }
  return names;
}

spec::Capabilities capability_sets(const std::vector<std::string>& names, uint32_t uid) {
  spec::Capabilities sets;
  sets.bounding = names;
  // What execve(2) would leave another user; never inheritable or ambient ones (CVE-2022-24769).
  if (uid == 0) sets.effective = sets.permitted = names;
  return sets;
}

}  // namespace crun::engine
