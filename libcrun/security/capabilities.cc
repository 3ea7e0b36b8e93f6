#include "libcrun/security/capabilities.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "crun/error.h"
#include "libcrun/syscall/syscall.h"

namespace crun::security {
namespace {

// By number: <linux/capability.h>. A kernel adds new ones at the end.
constexpr std::array<std::string_view, 41> kNames = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};

CapabilityMask resolve(const std::vector<std::string>& names, CapabilityMask available,
                       std::vector<std::string>& ignored) {
  CapabilityMask mask = 0;
  for (const std::string& name : names) {
    std::optional<int> number = find_capability(name);
    CapabilityMask bit = number ? CapabilityMask{1} << *number : 0;
    if ((available & bit) != 0) {
      mask |= bit;
    } else if (std::find(ignored.begin(), ignored.end(), name) == ignored.end()) {
      ignored.push_back(name);
    }
  }
  return mask;
}

void check_subset(CapabilityMask part, CapabilityMask whole, std::string_view part_name, std::string_view whole_name) {
  CapabilityMask beyond = part & ~whole;
  if (beyond == 0) return;
  int number = __builtin_ctzll(beyond);
  throw Error(ErrorKind::invalid, "process.capabilities." + std::string(part_name) + ": " +
                                      std::string(capability_name(number)) + " is not in " + std::string(whole_name) +
                                      " too, so the kernel refuses it (capabilities(7))");
}

}  // namespace

std::optional<int> find_capability(std::string_view name) noexcept {
  auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<int>(found - kNames.begin());
}

std::string_view capability_name(int number) noexcept {
  if (number < 0 || static_cast<size_t>(number) >= kNames.size()) return {};
  return kNames[static_cast<size_t>(number)];
}

std::vector<std::string> known_capabilities() { return {kNames.begin(), kNames.end()}; }

int last_capability() {
  static const int last = std::stoi(read_path("/proc/sys/kernel/cap_last_cap"));
  return last;
}

CapabilityMask host_capabilities() {
  int count = std::min(last_capability() + 1, static_cast<int>(kNames.size()));
  return (CapabilityMask{1} << count) - 1;
}

CapabilityMask own_capabilities() {
  CapabilityMask permitted = 0;
  int error = syscall::permitted_capabilities(permitted);
  if (error != 0) throw SysError(-error, "reading our own capabilities");
  return permitted;
}

CapabilitySets resolve_capabilities(const spec::Capabilities& names, CapabilityMask available,
                                    std::vector<std::string>& ignored) {
  CapabilitySets sets;
  sets.bounding = resolve(names.bounding, available, ignored);
  sets.effective = resolve(names.effective, available, ignored);
  sets.inheritable = resolve(names.inheritable, available, ignored);
  sets.permitted = resolve(names.permitted, available, ignored);
  sets.ambient = resolve(names.ambient, available, ignored);
  check_subset(sets.effective, sets.permitted, "effective", "permitted");
  // runc's own default bundle asks for ambient ones without inheritable ones, and runs without them.
  sets.ambient &= sets.permitted & sets.inheritable;
  return sets;
}

}  // namespace crun::security
