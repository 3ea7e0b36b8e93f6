#include "libcrun/cgroup/ownership.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "crun/error.h"

namespace crun::cgroup {
namespace {

constexpr gid_t kSame = static_cast<gid_t>(-1);

bool mounts_to_be_written_to(const spec::Mount& mount) {
  bool cgroup = mount.type == "cgroup" || mount.type == "cgroup2";
  return cgroup && mount.destination == "/sys/fs/cgroup" &&
         std::find(mount.options.begin(), mount.options.end(), "ro") == mount.options.end();
}

}  // namespace

std::optional<uint32_t> owner_inside(const spec::Spec& spec) {
  const spec::Namespace* own = spec.linux.find_namespace(spec::NamespaceType::cgroup);
  bool is_new = own != nullptr && own->path.empty();
  if (!is_new || !spec.process || std::none_of(spec.mounts.begin(), spec.mounts.end(), mounts_to_be_written_to)) {
    return std::nullopt;
  }
  return spec.process->user.uid;
}

void give_away(const Cgroup& cgroup, uid_t uid) {
  if (uid == geteuid()) return;
  const std::string what = "giving cgroup " + cgroup.path() + " to user " + std::to_string(uid);
  checked(fchown(cgroup.fd(), uid, kSame), what);
  const std::string names = read_path("/sys/kernel/cgroup/delegate");
  for (size_t begin = 0, end = 0; (end = names.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string name = names.substr(begin, end - begin);
    // Those of a controller that was not handed down are not there.
    if (fchownat(cgroup.fd(), name.c_str(), uid, kSame, 0) != 0 && errno != ENOENT) throw SysError(errno, what);
  }
}

}  // namespace crun::cgroup
