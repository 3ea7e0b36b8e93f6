#include "libcrun/cgroup/rootless.h"

#include <unistd.h>

#include <cerrno>

#include "base/file.h"

namespace crun::cgroup {

bool is_rootless() {
  if (geteuid() != 0) return true;
  // The initial namespace maps all of the 32 bits (user_namespaces(7)).
  return read_path("/proc/self/uid_map").find("4294967295") == std::string::npos;
}

bool is_denied(const SysError& error) {
  return error.errno_value() == EACCES || error.errno_value() == EPERM || error.errno_value() == EROFS;
}

}  // namespace crun::cgroup
