#include "engine/spec/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/dir.h"
#include "base/file.h"
#include "crun/error.h"
#include "engine/spec/apparmor.h"

namespace crun::engine {
namespace {

// Below /dev, what a container gets from its own devpts, shm and mqueue, or must not share.
bool is_own_folder(const std::string& name) {
  return name == "pts" || name == "shm" || name == "mqueue" || name == "fd";
}

void add_devices(const Dir& folder, const std::string& path, int depth, std::vector<spec::Device>& devices) {
  constexpr int kDeepest = 8;
  for (const std::string& name : folder.list()) {
    std::optional<struct stat> status = folder.find_stat(name);
    if (!status || (depth == 0 && (is_own_folder(name) || name == "console"))) continue;
    if (S_ISDIR(status->st_mode) && depth < kDeepest) {
      std::optional<Dir> below = folder.find_dir(name, Resolve::no_symlinks);
      if (below) add_devices(*below, path + "/" + name, depth + 1, devices);
    }
    if (!S_ISCHR(status->st_mode) && !S_ISBLK(status->st_mode)) continue;
    spec::Device device;
    device.type = S_ISCHR(status->st_mode) ? spec::DeviceType::character : spec::DeviceType::block;
    device.path = path + "/" + name;
    device.major = major(status->st_rdev);
    device.minor = minor(status->st_rdev);
    device.file_mode = status->st_mode & 07777;
    device.uid = status->st_uid;
    device.gid = status->st_gid;
    devices.push_back(std::move(device));
  }
}

std::string read_if_there(const char* path) {
  try {
    return read_path(path, 1 << 16);
  } catch (const SysError& error) {
    if (error.errno_value() == ENOENT) return "";
    throw;
  }
}

bool is_loopback_server(std::string_view line) {
  constexpr std::string_view kKey = "nameserver";
  if (line.substr(0, kKey.size()) != kKey) return false;
  line.remove_prefix(kKey.size());
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  return line.substr(0, 4) == "127." || line.substr(0, 3) == "::1";
}

}  // namespace

HostFacts host_facts(bool devices) {
  HostFacts facts;
  facts.capabilities = security::host_capabilities();
  facts.kernel = security::host_kernel();
  facts.arch = security::host_arch();
  facts.apparmor_default = has_default_profile();
  facts.cpus = static_cast<unsigned>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  utsname names{};
  if (uname(&names) == 0) facts.hostname = names.nodename;
  if (devices) add_devices(Dir::open("/dev"), "/dev", 0, facts.host_devices);
  return facts;
}

std::string container_resolv_conf(const std::string& host_text, bool host_network) {
  if (host_network) return host_text;
  std::string result;
  for (size_t start = 0; start < host_text.size();) {
    size_t end = host_text.find('\n', start);
    std::string_view line = std::string_view(host_text).substr(start, end == std::string::npos ? end : end - start);
    if (!is_loopback_server(line)) result.append(line).push_back('\n');
    start = end == std::string::npos ? host_text.size() : end + 1;
  }
  return result;
}

std::string read_resolv_conf(bool host_network) {
  std::string text = read_if_there("/etc/resolv.conf");
  // systemd-resolved's stub listens on the host's loopback alone; its other file names the real servers.
  if (!host_network && text.find("127.0.0.53") != std::string::npos) {
    std::string upstream = read_if_there("/run/systemd/resolve/resolv.conf");
    if (!upstream.empty()) text = upstream;
  }
  return container_resolv_conf(text, host_network);
}

}  // namespace crun::engine
