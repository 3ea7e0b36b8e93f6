#include "libcrun/cgroup/hierarchy.h"

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "crun/error.h"

namespace crun::cgroup {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// proc(5): space, tab, newline and backslash of a path are written as three octal digits.
std::string unescape(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      int code = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
      result.push_back(static_cast<char>(code));
      i += 3;
    } else {
      result.push_back(text[i]);
    }
  }
  return result;
}

struct Mount {
  std::string root;
  std::string point;
};

// Several may be stacked or spread; a later line hides an earlier one at the same place, and /sys/fs/cgroup is
// preferred.
std::optional<Mount> find_mount(std::string_view mountinfo) {
  std::optional<Mount> found;
  for (std::string_view line : split(mountinfo, '\n')) {
    size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    std::vector<std::string_view> before = split(line.substr(0, dash), ' ');
    std::vector<std::string_view> after = split(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.empty() || after[0] != "cgroup2") continue;
    Mount mount{unescape(before[3]), unescape(before[4])};
    if (!found || mount.point == "/sys/fs/cgroup" || found->point == mount.point) found = std::move(mount);
  }
  return found;
}

// The line "0::/path" of /proc/self/cgroup (cgroups(7)); "/" where there is none.
std::string_view own_line(std::string_view self_cgroup) {
  for (std::string_view line : split(self_cgroup, '\n')) {
    if (line.substr(0, 3) == "0::") return line.substr(3);
  }
  return "/";
}

// Both are seen from our cgroup namespace's root; what is mounted may be a part of the hierarchy.
std::string below_mount(std::string_view own, std::string_view mount_root) {
  if (mount_root == "/") return std::string(own);
  if (own == mount_root) return "/";
  bool inside =
      own.size() > mount_root.size() && own.substr(0, mount_root.size()) == mount_root && own[mount_root.size()] == '/';
  return inside ? std::string(own.substr(mount_root.size())) : "/";
}

std::string parent_of(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string normal(std::string_view path) {
  std::string result;
  for (std::string_view part : split(path, '/')) {
    if (part == ".") continue;
    if (part == "..") throw Error(ErrorKind::invalid, "cgroup path '" + std::string(path) + "' holds '..'");
    result += "/" + std::string(part);
  }
  return result;
}

}  // namespace

Hierarchy::Place Hierarchy::locate(std::string_view mountinfo, std::string_view self_cgroup) {
  std::optional<Mount> mount = find_mount(mountinfo);
  if (!mount) {
    throw Error(ErrorKind::unsupported,
                "no cgroup v2 hierarchy is mounted; mount one (mount -t cgroup2 none /sys/fs/cgroup), or boot with "
                "systemd.unified_cgroup_hierarchy=1");
  }
  return {mount->point, below_mount(own_line(self_cgroup), mount->root)};
}

Hierarchy Hierarchy::find() {
  Place place = locate(read_path("/proc/self/mountinfo", 16 << 20), read_path("/proc/self/cgroup"));
  Dir root = Dir::open(place.mount_point);
  return Hierarchy(std::move(root), std::move(place));
}

std::string Hierarchy::container_path(std::string_view cgroups_path, std::string_view id) const {
  if (cgroups_path.find('/') == std::string_view::npos &&
      std::count(cgroups_path.begin(), cgroups_path.end(), ':') == 2) {
    throw Error(ErrorKind::unsupported,
                "cgroup path '" + std::string(cgroups_path) +
                    "' is systemd's form slice:prefix:name; give a path, or take the systemd cgroup driver "
                    "(--systemd-cgroup)");
  }
  std::string below = normal(cgroups_path.empty() ? id : cgroups_path);
  if (below.empty()) {
    throw Error(ErrorKind::invalid, "cgroup path '" + std::string(cgroups_path) + "' is the hierarchy's root");
  }
  if (!cgroups_path.empty() && cgroups_path.front() == '/') return below;
  return normal(parent_of(place_.own_path)) + below;
}

}  // namespace crun::cgroup
