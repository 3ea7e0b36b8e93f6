#include <algorithm>

#include "crun/error.h"
#include "engine/spec/generate.h"

namespace crun::engine {
namespace {

using spec::Mount;

Mount mount(std::string destination, std::string type, std::string source, std::vector<std::string> options) {
  Mount result;
  result.destination = std::move(destination);
  result.type = std::move(type);
  result.source = std::move(source);
  result.options = std::move(options);
  return result;
}

// As docker has them, in the order in which they are mounted.
std::vector<Mount> kernel_mounts(bool privileged) {
  std::string access = privileged ? "rw" : "ro";
  return {
      mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
      mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      mount("/dev/pts", "devpts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
      mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", access}),
      mount("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", access}),
      mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
      mount("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
  };
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    size_t end = std::min(text.find(separator, start), text.size());
    if (end > start) parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

// "/a/./b/../c/" -> "/a/c": so that `-v x:/dev/shm/` is known to be /dev/shm.
std::string clean(const std::string& path) {
  std::vector<std::string> parts;
  for (std::string& part : split(path, '/')) {
    if (part == ".") continue;
    if (part != "..") {
      parts.push_back(std::move(part));
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string result;
  for (const std::string& part : parts) result += "/" + part;
  return result.empty() ? "/" : result;
}

Mount user_bind(const BindMount& bind) {
  return mount(clean(bind.destination), "bind", bind.source,
               {"rbind", bind.propagation.empty() ? "rprivate" : bind.propagation, bind.read_only ? "ro" : "rw"});
}

Mount user_tmpfs(const TmpfsMount& tmpfs) {
  std::vector<std::string> options = {"noexec", "nosuid", "nodev"};
  for (std::string& option : split(tmpfs.options, ',')) options.push_back(std::move(option));
  return mount(clean(tmpfs.destination), "tmpfs", "tmpfs", std::move(options));
}

size_t depth(const Mount& mount) {
  return static_cast<size_t>(std::count(mount.destination.begin(), mount.destination.end(), '/'));
}

}  // namespace

std::vector<Mount> container_mounts(const ContainerRequest& request, const ContainerFiles& files) {
  std::vector<Mount> mine;
  for (const TmpfsMount& tmpfs : request.tmpfs) mine.push_back(user_tmpfs(tmpfs));
  for (const BindMount& bind : request.mounts) mine.push_back(user_bind(bind));
  // A parent before what is mounted below it.
  std::stable_sort(mine.begin(), mine.end(), [](const Mount& a, const Mount& b) { return depth(a) < depth(b); });

  std::vector<Mount> mounts = kernel_mounts(request.privileged);
  for (const char* name : {"resolv.conf", "hostname", "hosts"}) {
    mounts.push_back(mount(std::string("/etc/") + name, "bind", files.folder + "/" + name, {"bind"}));
  }
  // What the user puts in a place of ours is there instead of ours.
  std::erase_if(mounts, [&](const Mount& ours) {
    return std::any_of(mine.begin(), mine.end(), [&](const Mount& m) { return m.destination == ours.destination; });
  });
  mounts.insert(mounts.end(), std::make_move_iterator(mine.begin()), std::make_move_iterator(mine.end()));
  if (request.init) mounts.push_back(mount("/dev/init", "bind", files.init_path, {"bind", "ro"}));
  return mounts;
}

std::vector<std::string> masked_paths() {
  return {"/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/devices/virtual/powercap",
          "/sys/firmware"};
}

std::vector<std::string> readonly_paths() {
  return {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
}

}  // namespace crun::engine
