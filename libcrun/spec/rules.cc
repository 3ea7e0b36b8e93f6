#include "libcrun/spec/rules.h"

#include <algorithm>
#include <array>
#include <vector>

#include "crun/error.h"
#include "libcrun/spec/names.h"

namespace crun::spec {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

// Files of /proc that lxcfs and its like cover with their own, and that nothing of ours writes to.
constexpr std::array<std::string_view, 11> kCoverable = {
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/uptime",
    "/proc/loadavg",
    "/proc/slabinfo",
    "/proc/net/dev",
    "/proc/sys/kernel/ns_last_pid",
    "/proc/sys/crypto/fips_enabled",
};

// The sysctls of the ipc namespace (ipc_namespaces(7)).
constexpr std::array<std::string_view, 8> kIpcSysctls = {
    "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
    "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
};

std::string swap_separators(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    if (c == '/') {
      c = '.';
    } else if (c == '.') {
      c = '/';
    }
  }
  return result;
}

// "net/ipv4/ip_forward" -> "net.ipv4.ip_forward"; as sysctl(8), whichever of the two comes first separates, so that
// "net/ipv4/conf/eth0.1/forwarding" keeps its dot.
std::string dotted(std::string_view name) {
  size_t first = name.find_first_of("./");
  if (first == std::string_view::npos || name[first] == '.') return std::string(name);
  return swap_separators(name);
}

bool takes_error_number(SeccompAction action) {
  return action == SeccompAction::error_number || action == SeccompAction::trace;
}

void check_syscall_rule(const std::string& field, const SyscallRule& rule) {
  if (rule.names.empty()) invalid(field + ".names", "is empty");
  if (rule.errno_ret && !takes_error_number(rule.action)) {
    invalid(field + ".errnoRet", std::string(name_of(rule.action)) + " returns no error number");
  }
  for (const SyscallArg& arg : rule.args) {
    if (arg.index > 5) invalid(field + ".args", "a system call has arguments 0 to 5, not " + std::to_string(arg.index));
  }
}

}  // namespace

void invalid(std::string_view field, std::string_view text) {
  throw Error(ErrorKind::invalid, std::string(field) + ": " + std::string(text));
}

void unsupported(std::string_view field, std::string_view text) {
  throw Error(ErrorKind::unsupported, std::string(field) + ": " + std::string(text));
}

bool is_bind(const Mount& mount) {
  return mount.type == "bind" || std::any_of(mount.options.begin(), mount.options.end(), [](const std::string& option) {
           return option == "bind" || option == "rbind";
         });
}

std::string lexically_normal(std::string_view path) {
  std::vector<std::string_view> kept;
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(part);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string result;
  for (std::string_view part : kept) result += "/" + std::string(part);
  return result.empty() ? "/" : result;
}

void check_proc_destination(const std::string& field, const Mount& mount) {
  std::string destination = lexically_normal(mount.destination);
  if (destination == "/") invalid(field + ".destination", "would cover the container's root");
  // Whether what is bound there is a procfs is seen only when it is opened: rootfs/ looks.
  if (destination == "/proc" && mount.type != "proc" && !is_bind(mount)) {
    invalid(field, "only a proc mount may be on /proc, not '" + mount.type + "'");
  }
  bool below = starts_with(destination, "/proc/");
  if (below && std::find(kCoverable.begin(), kCoverable.end(), destination) == kCoverable.end()) {
    invalid(field + ".destination", destination + " must not be covered: the container's limits are set through /proc");
  }
}

void check_cgroups_path(std::string_view path) {
  constexpr std::string_view kField = "linux.cgroupsPath";
  if (path.find('\0') != std::string_view::npos) invalid(kField, "holds a NUL byte");
  for (std::string_view part : split(path, '/')) {
    if (part == "..") invalid(kField, "'" + std::string(path) + "' holds '..'");
  }
}

std::optional<NamespaceType> sysctl_namespace(std::string_view name) {
  std::string dots = dotted(name);
  if (std::find(kIpcSysctls.begin(), kIpcSysctls.end(), dots) != kIpcSysctls.end()) return NamespaceType::ipc;
  if (starts_with(dots, "fs.mqueue.")) return NamespaceType::ipc;
  if (starts_with(dots, "net.")) return NamespaceType::network;
  if (dots == "kernel.domainname" || dots == "kernel.hostname") return NamespaceType::uts;
  return std::nullopt;
}

void check_sysctl(const Linux& linux, const std::string& name, const std::string& value) {
  std::string field = "linux.sysctl." + name;
  std::string dots = dotted(name);
  for (std::string_view part : split(dots, '.')) {
    if (part.empty() || part.find("..") != std::string_view::npos) invalid(field, "is not the name of a sysctl");
    if (part.front() == '/' || part.back() == '/') invalid(field, "is not the name of a sysctl");
  }
  if (value.find('\0') != std::string::npos) invalid(field, "its value holds a NUL byte");
  std::optional<NamespaceType> type = sysctl_namespace(name);
  if (!type) invalid(field, "belongs to no namespace: it would be set for the whole machine");
  if (linux.find_namespace(*type) == nullptr) {
    invalid(field, "needs a " + std::string(name_of(*type)) + " namespace in linux.namespaces");
  }
}

std::string sysctl_path(std::string_view name) { return swap_separators(dotted(name)); }

void check_seccomp(const Seccomp& profile) {
  const std::string field = "linux.seccomp";
  if (profile.default_errno_ret && !takes_error_number(profile.default_action)) {
    invalid(field + ".defaultErrnoRet", std::string(name_of(profile.default_action)) + " returns no error number");
  }
  bool notifies = profile.default_action == SeccompAction::notify;
  for (size_t i = 0; i < profile.syscalls.size(); ++i) {
    check_syscall_rule(field + ".syscalls[" + std::to_string(i) + "]", profile.syscalls[i]);
    notifies = notifies || profile.syscalls[i].action == SeccompAction::notify;
  }
  if (!profile.listener_metadata.empty() && profile.listener_path.empty()) {
    invalid(field + ".listenerMetadata", "is there without listenerPath");
  }
  if (notifies && profile.listener_path.empty()) {
    invalid(field + ".listenerPath", "is missing: SCMP_ACT_NOTIFY has nobody to ask");
  }
}

}  // namespace crun::spec
