// The device nodes and links of a container's /dev (config-linux.md "Default Devices", "Dev symbolic links").
#pragma once

#include <sys/stat.h>
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
  bool replaces = false;  // a default device takes the place of whatever the image has there
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

// Whether a file is the step's device.
bool is_same_node(const struct stat& status, const DeviceStep& step) noexcept;

// In the child, before the root is changed; 0 or -errno (-EEXIST: something else stands there, as config-linux.md
// "Devices" asks). A link is never followed. Where mknod(2) is not allowed, in a user namespace, the host's own node of
// that path is bound.
int make_device(int root, OpenFolder& folder, const DeviceStep& step) noexcept;
// What stands there already is replaced.
int make_link(int root, OpenFolder& folder, const LinkStep& step) noexcept;

}  // namespace crun::rootfs
