// cpuset.* of cgroup v2.
#include "crun/error.h"
#include "libcrun/cgroup/settings.h"

namespace crun::cgroup {
namespace {

// The kernel's list format, "0-3,7": a newline or a NUL would be another write.
void check_list(std::string_view limit, std::string_view list) {
  if (list.find_first_not_of("0123456789,- ") != std::string_view::npos) {
    throw Error(ErrorKind::invalid, std::string(limit) + ": '" + std::string(list) + "' is not a list such as 0-3,7");
  }
}

}  // namespace

Settings cpuset_settings(const spec::Cpu& cpu) {
  Settings result;
  check_list("cpu.cpus", cpu.cpus);
  check_list("cpu.mems", cpu.mems);
  if (!cpu.cpus.empty()) result.push_back({"cpu.cpus", "cpuset", {{"cpuset.cpus", cpu.cpus}}});
  if (!cpu.mems.empty()) result.push_back({"cpu.mems", "cpuset", {{"cpuset.mems", cpu.mems}}});
  return result;
}

}  // namespace crun::cgroup
