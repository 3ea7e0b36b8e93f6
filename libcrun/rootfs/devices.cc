#include "libcrun/rootfs/devices.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "crun/error.h"
#include "libcrun/rootfs/host_binds.h"
#include "libcrun/rootfs/target.h"

namespace crun::rootfs {
namespace {

struct DefaultDevice {
  const char* path;
  unsigned major;
  unsigned minor;
};
constexpr DefaultDevice kDefaultDevices[] = {
    {"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
    {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},
};

DeviceStep step_for(const std::string& path) {
  size_t slash = path.rfind('/');
  DeviceStep step;
  step.path = path;
  step.folder = slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
  step.name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (step.name.empty() || step.name == "." || step.name == "..") {
    throw Error(ErrorKind::invalid, "device '" + path + "' names no file");
  }
  return step;
}

mode_t type_bits(spec::DeviceType type) {
  switch (type) {
    case spec::DeviceType::block: return S_IFBLK;
    case spec::DeviceType::fifo: return S_IFIFO;
    case spec::DeviceType::character:
    case spec::DeviceType::unbuffered: return S_IFCHR;
    case spec::DeviceType::all: break;
  }
  throw Error(ErrorKind::invalid, "a device node of type 'a' cannot be made");
}

DeviceStep step_for(const spec::Device& device) {
  DeviceStep step = step_for(device.path);
  step.mode = type_bits(device.type) | (device.file_mode.value_or(0666) & 07777);
  step.device = makedev(static_cast<unsigned>(device.major), static_cast<unsigned>(device.minor));
  step.uid = device.uid.value_or(0);
  step.gid = device.gid.value_or(0);
  return step;
}

// Opened for use with *at(): the folder itself, never through a link of the image (CVE-2026-41579).
int enter(int root, OpenFolder& folder, const char* path) noexcept {
  if (folder.path != nullptr && strcmp(folder.path, path) == 0) return 0;
  int fd = open_or_make_target(root, TargetRequest{path, TargetKind::folder, true});
  if (fd < 0) return fd;
  folder.fd.reset(fd);
  folder.path = path;
  return 0;
}

int make_node(int folder, const DeviceStep& step) noexcept {
  if (mknodat(folder, step.name.c_str(), step.mode, step.device) == 0) return 0;
  if (errno != EEXIST) return -errno;
  struct stat status {};
  if (fstatat(folder, step.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return -errno;
  if (is_same_node(status, step)) return 0;
  if (!step.replaces) return -EEXIST;
  if (unlinkat(folder, step.name.c_str(), 0) != 0) return -errno;
  return mknodat(folder, step.name.c_str(), step.mode, step.device) == 0 ? 0 : -errno;
}

}  // namespace

std::vector<DeviceStep> plan_devices(const std::vector<spec::Device>& devices) {
  std::vector<DeviceStep> steps;
  for (const DefaultDevice& entry : kDefaultDevices) {
    bool replaced = std::any_of(devices.begin(), devices.end(),
                                [&entry](const spec::Device& device) { return device.path == entry.path; });
    if (replaced) continue;
    DeviceStep step = step_for(std::string(entry.path));
    step.mode = S_IFCHR | 0666;
    step.replaces = true;
    step.device = makedev(entry.major, entry.minor);
    steps.push_back(std::move(step));
  }
  for (const spec::Device& device : devices) steps.push_back(step_for(device));
  return steps;
}

std::vector<LinkStep> plan_links() {
  std::vector<LinkStep> links = {{"fd", "/proc/self/fd"},
                                 {"stdin", "/proc/self/fd/0"},
                                 {"stdout", "/proc/self/fd/1"},
                                 {"stderr", "/proc/self/fd/2"},
                                 {"ptmx", "pts/ptmx"}};
  if (access("/proc/kcore", F_OK) == 0) links.push_back({"core", "/proc/kcore"});
  return links;
}

bool is_same_node(const struct stat& status, const DeviceStep& step) noexcept {
  if ((status.st_mode & S_IFMT) != (step.mode & S_IFMT)) return false;
  return S_ISFIFO(status.st_mode) || status.st_rdev == step.device;
}

int make_device(int root, OpenFolder& folder, const DeviceStep& step) noexcept {
  int error = enter(root, folder, step.folder.c_str());
  if (error == 0) error = make_node(folder.fd.get(), step);
  if (error == -EPERM) return bind_device(folder.fd.get(), step);
  if (error != 0 || (step.uid == 0 && step.gid == 0)) return error;
  return fchownat(folder.fd.get(), step.name.c_str(), step.uid, step.gid, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : -errno;
}

int make_link(int root, OpenFolder& folder, const LinkStep& step) noexcept {
  int error = enter(root, folder, "/dev");
  if (error != 0) return error;
  int dev = folder.fd.get();
  if (symlinkat(step.target.c_str(), dev, step.name.c_str()) == 0) return 0;
  if (errno != EEXIST) return -errno;
  if (unlinkat(dev, step.name.c_str(), 0) != 0) return errno == EISDIR ? 0 : -errno;
  return symlinkat(step.target.c_str(), dev, step.name.c_str()) == 0 ? 0 : -errno;
}

}  // namespace crun::rootfs
