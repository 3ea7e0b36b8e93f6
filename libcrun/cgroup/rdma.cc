// rdma.* of cgroup v2.
#include "crun/error.h"
#include "libcrun/cgroup/settings.h"

namespace crun::cgroup {
namespace {

// It begins a line of the file: a blank or a newline would be another limit, of another device.
void check_device(const std::string& device) {
  bool good = !device.empty() && device.find_first_of(std::string_view(" \t\n=\0", 5)) == std::string::npos;
  if (!good) throw Error(ErrorKind::invalid, "rdma: '" + device + "' is not the name of a device such as mlx5_1");
}

}  // namespace

Settings rdma_settings(const std::map<std::string, spec::Rdma>& limits) {
  Settings result;
  for (const auto& [device, limit] : limits) {
    check_device(device);
    std::string value = device;
    if (limit.hca_handles) value += " hca_handle=" + std::to_string(*limit.hca_handles);
    if (limit.hca_objects) value += " hca_object=" + std::to_string(*limit.hca_objects);
    if (value != device) result.push_back({"rdma." + device, "rdma", {{"rdma.max", value}}});
  }
  return result;
}

}  // namespace crun::cgroup
