#include "libcrun/spec/default_spec.h"

#include <sys/resource.h>

namespace crun::spec {
namespace {

std::vector<Mount> default_mounts() {
  return {
      {"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}, {}, {}},
      {"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}, {}, {}},
      {"/dev/pts",
       "devpts",
       "devpts",
       {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"},
       {},
       {}},
      {"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}, {}, {}},
      {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}, {}, {}},
      {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}, {}, {}},
      {"/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}, {}, {}},
  };
}

Process default_process() {
  const std::vector<std::string> kept = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
  Process process;
  process.terminal = true;
  process.args = {"sh"};
  process.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"};
  process.cwd = "/";
  process.capabilities = Capabilities{kept, kept, {}, kept, {}};
  process.rlimits = {{RLIMIT_NOFILE, 1024, 1024}};
  process.no_new_privileges = true;
  return process;
}

// Only one id is mapped, so none can be given to a file; sysfs belongs to the network namespace, which is the host's.
std::vector<Mount> rootless_mounts() {
  std::vector<Mount> mounts;
  for (Mount& mount : default_mounts()) {
    if (mount.destination.starts_with("/sys")) continue;
    std::erase_if(mount.options, [](const std::string& o) { return o.starts_with("gid=") || o.starts_with("uid="); });
    mounts.push_back(std::move(mount));
  }
  mounts.push_back({"/sys", "none", "/sys", {"rbind", "nosuid", "noexec", "nodev", "ro"}, {}, {}});
  return mounts;
}

}  // namespace

Spec default_spec() {
  Spec spec;
  spec.oci_version = kVersion;
  spec.hostname = "ctr";
  spec.root = {"rootfs", true};
  spec.mounts = default_mounts();
  spec.process = default_process();
  for (NamespaceType type : {NamespaceType::pid, NamespaceType::network, NamespaceType::ipc, NamespaceType::uts,
                             NamespaceType::mount, NamespaceType::cgroup}) {
    spec.linux.namespaces.push_back({type, {}});
  }
  spec.linux.resources.devices = {{false, DeviceType::all, {}, {}, "rwm"}};
  spec.linux.masked_paths = {
      "/proc/acpi",       "/proc/asound",      "/proc/kcore",       "/proc/keys",    "/proc/latency_stats",
      "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/sys/devices/virtual/powercap",
      "/proc/scsi"};
  spec.linux.readonly_paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  return spec;
}

Spec rootless_spec(uint32_t uid, uint32_t gid) {
  Spec spec = default_spec();
  spec.mounts = rootless_mounts();
  spec.linux.resources = {};
  std::erase_if(spec.linux.namespaces, [](const Namespace& n) { return n.type == NamespaceType::network; });
  spec.linux.namespaces.push_back({NamespaceType::user, {}});
  spec.linux.uid_mappings = {{0, uid, 1}};
  spec.linux.gid_mappings = {{0, gid, 1}};
  return spec;
}

}  // namespace crun::spec
