#include "libcrun/spec/validate.h"

#include <algorithm>
#include <set>

#include "crun/error.h"
#include "libcrun/spec/names.h"
#include "libcrun/spec/namespace_rules.h"
#include "libcrun/spec/rules.h"
#include "libcrun/spec/scheduling_rules.h"

namespace crun::spec {
namespace {

// Beyond it a uid or gid is negative for programs, and for kernels' tools, that hold it in 32 bits with a sign.
constexpr uint32_t kLargestId = 0x7fffffff;
constexpr size_t kLongestHostName = 64;       // uts_namespace(7)
constexpr size_t kLongestInterfaceName = 16;  // IFNAMSIZ, with its end

std::string item(std::string_view list, size_t index) { return std::string(list) + "[" + std::to_string(index) + "]"; }

void check_id(const std::string& field, uint32_t id) {
  if (id > kLargestId) invalid(field, std::to_string(id) + " is not a user or group id: the largest is 2147483647");
}

void check_text(const std::string& field, std::string_view text) {
  if (text.find('\0') != std::string_view::npos) invalid(field, "holds a NUL byte");
}

void check_absolute(const std::string& field, std::string_view path) {
  check_text(field, path);
  if (path.empty() || path.front() != '/') invalid(field, "'" + std::string(path) + "' is not an absolute path");
}

// config.md "POSIX process", env: as environ has them, NAME=value.
void check_environment(const std::string& field, const std::vector<std::string>& environment) {
  for (size_t i = 0; i < environment.size(); ++i) {
    check_text(item(field, i), environment[i]);
    size_t equals = environment[i].find('=');
    if (equals == std::string::npos || equals == 0) {
      invalid(item(field, i), "'" + environment[i].substr(0, 64) + "' is not of the form NAME=value");
    }
  }
}

void check_arguments(const std::string& field, const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) check_text(item(field, i), arguments[i]);
}

// config.md "User".
void check_user(const User& user) {
  check_id("process.user.uid", user.uid);
  check_id("process.user.gid", user.gid);
  for (size_t i = 0; i < user.additional_gids.size(); ++i) {
    check_id(item("process.user.additionalGids", i), user.additional_gids[i]);
  }
  if (user.umask && *user.umask > 0777) invalid("process.user.umask", "has bits beyond 0777");
  if (!user.username.empty()) unsupported("process.user.username", "is for Windows; give uid and gid");
}

// config.md "POSIX process", rlimits: no type twice.
void check_rlimits(const std::vector<Rlimit>& limits) {
  std::set<int> seen;
  for (size_t i = 0; i < limits.size(); ++i) {
    std::string field = item("process.rlimits", i);
    std::string name(rlimit_name(limits[i].resource));
    if (name.empty()) invalid(field + ".type", "unknown limit " + std::to_string(limits[i].resource));
    if (!seen.insert(limits[i].resource).second) invalid(field + ".type", name + " is there twice");
    if (limits[i].soft > limits[i].hard) {
      invalid(field, name + ": the soft limit " + std::to_string(limits[i].soft) + " is above the hard limit " +
                         std::to_string(limits[i].hard));
    }
  }
}

void check_label(const std::string& field, std::string_view label) {
  for (char c : label) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) invalid(field, "holds a control character");
  }
}

void refuse_unsupported_process(const Process& process) {
  if (!process.command_line.empty()) unsupported("process.commandLine", "is for Windows; use args");
}

// Both or none (config.md "Mounts"), and each maps something.
void check_id_mappings(const std::string& field, const std::vector<IdMapping>& uids,
                       const std::vector<IdMapping>& gids) {
  if (uids.empty() != gids.empty()) invalid(field, "uidMappings and gidMappings must be given together");
  auto is_empty = [](const IdMapping& mapping) { return mapping.size == 0; };
  if (std::any_of(uids.begin(), uids.end(), is_empty) || std::any_of(gids.begin(), gids.end(), is_empty)) {
    invalid(field, "has an id mapping of size 0");
  }
}

// config.md "Mounts".
void check_mounts(const std::vector<Mount>& mounts) {
  for (size_t i = 0; i < mounts.size(); ++i) {
    std::string field = item("mounts", i);
    const Mount& mount = mounts[i];
    if (mount.destination.empty()) invalid(field + ".destination", "is empty");
    check_text(field + ".destination", mount.destination);
    check_text(field + ".source", mount.source);
    check_text(field + ".type", mount.type);
    check_arguments(field + ".options", mount.options);
    if (is_bind(mount) && mount.source.empty()) invalid(field + ".source", "is empty, and a bind mount needs one");
    check_id_mappings(field, mount.uid_mappings, mount.gid_mappings);
    check_proc_destination(field, mount);
  }
}

// config.md "POSIX-platform Hooks".
void check_hooks(const std::string& kind, const std::vector<Hook>& hooks) {
  for (size_t i = 0; i < hooks.size(); ++i) {
    std::string field = item("hooks." + kind, i);
    check_absolute(field + ".path", hooks[i].path);
    check_arguments(field + ".args", hooks[i].args);
    check_environment(field + ".env", hooks[i].env);
    if (hooks[i].timeout && *hooks[i].timeout < 1) invalid(field + ".timeout", "must be at least one second");
    if (hooks[i].timeout && *hooks[i].timeout > 1000000000) invalid(field + ".timeout", "is longer than 1e9 seconds");
  }
}

// config-linux.md "Namespaces": no type twice, paths absolute.
void check_namespaces(const Linux& linux) {
  std::set<NamespaceType> seen;
  for (size_t i = 0; i < linux.namespaces.size(); ++i) {
    const Namespace& entry = linux.namespaces[i];
    std::string field = item("linux.namespaces", i);
    std::string name(name_of(entry.type));
    if (!seen.insert(entry.type).second) invalid(field + ".type", "'" + name + "' is there twice");
    if (!entry.path.empty()) check_absolute(field + ".path", entry.path);
  }
  if (linux.find_namespace(NamespaceType::mount) == nullptr) {
    unsupported("linux.namespaces", "there is no mount namespace: the container's mounts would be the host's");
  }
}

void check_names(const Spec& spec) {
  bool own_uts = spec.linux.find_namespace(NamespaceType::uts) != nullptr;
  for (const auto& [field, name] : {std::pair<std::string, const std::string&>("hostname", spec.hostname),
                                    std::pair<std::string, const std::string&>("domainname", spec.domainname)}) {
    if (name.empty()) continue;
    check_text(field, name);
    if (name.size() > kLongestHostName) invalid(field, "is longer than 64 bytes");
    if (!own_uts) invalid(field, "needs a uts namespace in linux.namespaces: it would rename the host");
  }
}

// config-linux.md "Devices".
void check_devices(const std::vector<Device>& devices) {
  for (size_t i = 0; i < devices.size(); ++i) {
    const Device& device = devices[i];
    std::string field = item("linux.devices", i);
    check_absolute(field + ".path", device.path);
    if (device.type == DeviceType::all) invalid(field + ".type", "must be one of b, c, u and p");
    if (device.type != DeviceType::fifo) {
      // makedev(3): twelve bits of major and twenty of minor. 0:0 is no device, and a whiteout to overlayfs.
      if (device.major < 0 || device.major > 0xfff) invalid(field + ".major", "must be from 0 to 4095");
      if (device.minor < 0 || device.minor > 0xfffff) invalid(field + ".minor", "must be from 0 to 1048575");
      if (device.major == 0 && device.minor == 0) invalid(field, "major and minor are missing");
    }
    // podman gives st_mode whole, with the type's bits; those are not looked at.
    if (device.file_mode && *device.file_mode > 0177777) invalid(field + ".fileMode", "has bits beyond 0177777");
    if (device.uid) check_id(field + ".uid", *device.uid);
    if (device.gid) check_id(field + ".gid", *device.gid);
  }
}

// config-linux.md "Allowed Device list".
void check_device_rules(const std::vector<DeviceRule>& rules) {
  for (size_t i = 0; i < rules.size(); ++i) {
    const DeviceRule& rule = rules[i];
    std::string field = item("linux.resources.devices", i);
    if (rule.type != DeviceType::all && rule.type != DeviceType::block && rule.type != DeviceType::character) {
      invalid(field + ".type", "must be one of a, b and c");
    }
    if (rule.access.find_first_not_of("rwm") != std::string::npos) {
      invalid(field + ".access", "'" + rule.access + "' has letters other than r, w and m");
    }
    if (rule.major.value_or(-1) < -1 || rule.major.value_or(-1) > 0xfff) {
      invalid(field + ".major", "must be from 0 to 4095, or -1 for any");
    }
    if (rule.minor.value_or(-1) < -1 || rule.minor.value_or(-1) > 0xfffff) {
      invalid(field + ".minor", "must be from 0 to 1048575, or -1 for any");
    }
  }
}

void check_absolute_list(const std::string& field, const std::vector<std::string>& paths) {
  for (size_t i = 0; i < paths.size(); ++i) check_absolute(item(field, i), paths[i]);
}

// What the kernel takes for an interface's name (dev_valid_name() of net/core/dev.c).
bool is_interface_name(std::string_view name) {
  if (name.empty() || name.size() >= kLongestInterfaceName || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return c > ' ' && c != 0x7f && c != '/' && c != ':'; });
}

// config-linux.md "Network Devices".
void check_net_devices(const Linux& linux) {
  std::set<std::string> names;
  for (const auto& [host, device] : linux.net_devices) {
    std::string field = "linux.netDevices." + host;
    if (linux.find_namespace(NamespaceType::network) == nullptr) {
      invalid(field, "needs a network namespace in linux.namespaces");
    }
    if (!is_interface_name(host)) invalid(field, "is no name of a network device");
    const std::string& name = device.name.empty() ? host : device.name;
    if (!is_interface_name(name)) invalid(field + ".name", "'" + name + "' is no name of a network device");
    size_t percent = name.find('%');
    bool is_template = percent != std::string::npos;
    if (is_template && name.substr(percent) != "%d")
      invalid(field + ".name", "'" + name + "' may hold % in a last %d alone");
    if (!is_template && !names.insert(name).second) invalid(field + ".name", "'" + name + "' is there twice");
  }
}

// config-linux.md "IntelRdt".
void check_intel_rdt(const IntelRdt& rdt) {
  const std::string field = "linux.intelRdt";
  bool has_slash = rdt.clos_id.find('/') != std::string::npos && rdt.clos_id != "/";
  if (rdt.clos_id == "." || rdt.clos_id == ".." || has_slash) {
    invalid(field + ".closID", "'" + rdt.clos_id + "' is neither a folder's name nor /");
  }
  if (!rdt.mem_bw_schema.empty() && rdt.mem_bw_schema.rfind("MB:", 0) != 0) {
    invalid(field + ".memBwSchema", "must start with MB:");
  }
  if (rdt.mem_bw_schema.find('\n') != std::string::npos) invalid(field + ".memBwSchema", "holds a newline");
  for (size_t i = 0; i < rdt.schemata.size(); ++i) {
    if (rdt.schemata[i].find('\n') != std::string::npos) invalid(item(field + ".schemata", i), "holds a newline");
  }
}

}  // namespace

void validate(const Resources& resources) { check_device_rules(resources.devices); }

namespace {

void check_all_hooks(const Hooks& hooks) {
  check_hooks("prestart", hooks.prestart);
  check_hooks("createRuntime", hooks.create_runtime);
  check_hooks("createContainer", hooks.create_container);
  check_hooks("startContainer", hooks.start_container);
  check_hooks("poststart", hooks.poststart);
  check_hooks("poststop", hooks.poststop);
}

void check_linux(const Linux& linux) {
  check_namespaces(linux);
  check_user_namespace(linux);
  if (linux.time_offsets) check_time_offsets(linux);
  check_devices(linux.devices);
  check_net_devices(linux);
  if (linux.intel_rdt) check_intel_rdt(*linux.intel_rdt);
  validate(linux.resources);
  check_cgroups_path(linux.cgroups_path);
  for (const auto& [name, value] : linux.sysctl) check_sysctl(linux, name, value);
  check_absolute_list("linux.maskedPaths", linux.masked_paths);
  check_absolute_list("linux.readonlyPaths", linux.readonly_paths);
  if (linux.seccomp) check_seccomp(*linux.seccomp);
  if (linux.memory_policy) check_memory_policy(*linux.memory_policy);
  if (linux.personality && !linux.personality->flags.empty()) {
    unsupported("linux.personality.flags", "there is no flag that is defined");
  }
}

}  // namespace

void validate(const Process& process) {
  refuse_unsupported_process(process);
  check_absolute("process.cwd", process.cwd);
  if (process.args.empty()) invalid("process.args", "is empty: there is no program to run");
  check_arguments("process.args", process.args);
  check_environment("process.env", process.env);
  check_user(process.user);
  check_rlimits(process.rlimits);
  if (process.terminal && process.console_size &&
      std::max(process.console_size->height, process.console_size->width) > 0xffff) {
    invalid("process.consoleSize", "has more than 65535 rows or columns");
  }
  int32_t score = process.oom_score_adj.value_or(0);
  if (score < -1000 || score > 1000) invalid("process.oomScoreAdj", "must be from -1000 to 1000");
  check_scheduling(process);
  check_label("process.apparmorProfile", process.apparmor_profile);
  check_label("process.selinuxLabel", process.selinux_label);
}

void validate(const Spec& spec) {
  if (spec.oci_version != "1" && spec.oci_version.rfind("1.", 0) != 0) {
    unsupported("ociVersion", "'" + spec.oci_version + "' is not a version 1");
  }
  for (const std::string& platform : spec.foreign_platforms)
    unsupported(platform, "this runtime runs Linux containers");
  if (spec.root.path.empty()) invalid("root.path", "is missing");
  check_text("root.path", spec.root.path);
  if (!spec.process) invalid("process", "is missing: there is no program to run");
  validate(*spec.process);
  check_mounts(spec.mounts);
  check_all_hooks(spec.hooks);
  check_linux(spec.linux);
  check_mapped_ids(spec);
  check_names(spec);
}

}  // namespace crun::spec
