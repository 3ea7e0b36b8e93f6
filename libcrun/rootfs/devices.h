// The device nodes and links of a container's /dev (config-linux.md "Default Devices", "Dev symbolic links").
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "crun/fd.h"
#include "libcrun/spec/spec.h"

namespace crun::rootfs {

struct DeviceStep {
  std::string path;
  std::string folder;  // of path, split here so that the child need not
  std::string name;
  mode_t mode = 0;  // type and permissions
  dev_t device = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

struct LinkStep {
  std::string name;  // below /dev
  std::string target;
};

// The default devices, then `devices`; one named there wins over the default of that path. Throws Error{invalid}.
std::vector<DeviceStep> plan_devices(const std::vector<spec::Device>& devices);
// /dev/fd, stdin, stdout, stderr, ptmx, and core where this kernel has a /proc/kcore.
std::vector<LinkStep> plan_links();

// The folder that the last node or link was made in: most are made in one.
struct OpenFolder {
  const char* path = nullptr;
  Fd fd;
};

// In the child; 0 or -errno. What stands there already and is another node, or a link, is replaced, never followed.
int make_device(int root, OpenFolder& folder, const DeviceStep& step) noexcept;
int make_link(int root, OpenFolder& folder, const LinkStep& step) noexcept;

}  // namespace crun::rootfs
