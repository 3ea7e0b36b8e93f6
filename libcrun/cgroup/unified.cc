// Files of cgroup v2 that the config names itself.
#include "crun/error.h"
#include "libcrun/cgroup/settings.h"

namespace crun::cgroup {
namespace {

void check_name(const std::string& file) {
  std::string limit = "unified." + file;
  size_t dot = file.find('.');
  if (dot == 0 || dot == std::string::npos || file.find('/') != std::string::npos ||
      file.find('\0') != std::string::npos || file.find("..") != std::string::npos) {
    throw Error(ErrorKind::invalid, limit + ": is not the name of a file of a cgroup");
  }
  // The core's own files move, freeze and kill processes and hand controllers on; only its two limits are limits.
  if (file.compare(0, 7, "cgroup.") == 0 && file.compare(0, 11, "cgroup.max.") != 0) {
    throw Error(ErrorKind::invalid, limit + ": is not a limit");
  }
}

}  // namespace

Settings unified_settings(const spec::StringMap& unified) {
  Settings result;
  for (const auto& [file, value] : unified) {
    check_name(file);
    std::string controller = file.substr(0, file.find('.'));
    if (controller == "cgroup") controller.clear();
    result.push_back({"unified." + file, controller, {{file, value}}});
  }
  return result;
}

}  // namespace crun::cgroup
