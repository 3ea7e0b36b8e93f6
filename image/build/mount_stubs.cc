#include "image/build/mount_stubs.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "crun/error.h"
#include "image/build/physical_path.h"
#include "image/build/xattrs.h"

namespace crun::build {
namespace {

struct stat status_of(const Dir& folder) {
  struct stat status {};
  checked(fstat(folder.fd(), &status), "reading a folder's status");
  return status;
}

void set_times(const Dir& folder, const struct stat& status) {
  std::array<struct timespec, 2> times = {status.st_atim, status.st_mtim};
  checked(futimens(folder.fd(), times.data()), "setting a folder's times");
}

// Nothing where the command put a link or a file in its place.
std::optional<Dir> find_folder(const Dir& upper, const std::string& path) {
  try {
    return upper.find_dir(path, Resolve::no_symlinks);
  } catch (const SysError& error) {
    if (error.errno_value() == ELOOP) return std::nullopt;
    throw;
  }
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_mode == b.st_mode && a.st_uid == b.st_uid && a.st_gid == b.st_gid &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

MountStubs::MountStubs(const Dir& root, const Dir& upper, const std::vector<MountPoint>& points) {
  for (const MountPoint& point : points) {
    PhysicalPath physical = physical_path(root, point.path);
    if (physical.exists || physical.path.empty()) continue;
    std::string parent;
    for (size_t begin = 0; begin < physical.path.size();) {
      size_t end = std::min(physical.path.find('/', begin), physical.path.size());
      bool last = end == physical.path.size();
      make(root, upper, parent, physical.path.substr(begin, end - begin), !last || point.folder);
      parent = physical.path.substr(0, end);
      begin = end + 1;
    }
  }
}

void MountStubs::make(const Dir& root, const Dir& upper, const std::string& parent, const std::string& name,
                      bool folder) {
  Dir dir = root.open_dir(parent, Resolve::no_symlinks);
  if (dir.find_stat(name)) return;
  struct stat before = status_of(dir);
  around_.emplace(parent, Around{before, portable_xattrs(dir.fd(), parent)});
  if (folder) {
    if (mkdirat(dir.fd(), name.c_str(), 0755) != 0)
      throw SysError(errno, "making the mount point " + join_path(parent, name));
  } else {
    (void)dir.open_at(name, O_WRONLY | O_CREAT | O_EXCL, 0644, Resolve::no_symlinks);
  }
  set_times(dir, before);
  std::optional<struct stat> there = upper.open_dir(parent, Resolve::no_symlinks).find_stat(name);
  if (!there) throw Error(ErrorKind::internal, "the mount point " + name + " is not in the layer that was to take it");
  made_.push_back(Made{parent, name, folder, there->st_ino});
}

void MountStubs::remove(const Dir& upper) const {
  for (auto made = made_.rbegin(); made != made_.rend(); ++made) remove_one(upper, *made);
  // Deepest first: a path sorts after its own beginning.
  for (auto around = around_.rbegin(); around != around_.rend(); ++around) prune(upper, around->first, around->second);
}

void MountStubs::remove_one(const Dir& upper, const Made& made) {
  std::optional<Dir> parent = find_folder(upper, made.parent);
  if (!parent) return;
  std::optional<struct stat> there = parent->find_stat(made.name);
  if (!there || there->st_ino != made.inode || S_ISDIR(there->st_mode) != made.folder) return;
  if (!made.folder && there->st_size != 0) return;
  struct stat times = status_of(*parent);
  if (unlinkat(parent->fd(), made.name.c_str(), made.folder ? AT_REMOVEDIR : 0) != 0) {
    if (errno == ENOTEMPTY || errno == EEXIST) return;  // the command put something there
    throw SysError(errno, "removing the mount point " + join_path(made.parent, made.name));
  }
  set_times(*parent, times);
}

void MountStubs::prune(const Dir& upper, const std::string& path, const Around& before) const {
  if (path.empty()) return;
  std::optional<Dir> folder = find_folder(upper, path);
  if (!folder || !folder->list().empty()) return;
  // Made by an earlier stub, it went with it; made by the command, it is the layer's.
  if (!same(status_of(*folder), before.status) || portable_xattrs(folder->fd(), path) != before.xattrs) return;
  if (is_opaque(folder->fd())) return;
  Dir parent = upper.open_dir(parent_of(path), Resolve::no_symlinks);
  struct stat times = status_of(parent);
  std::string name = path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
  if (unlinkat(parent.fd(), name.c_str(), AT_REMOVEDIR) != 0)
    throw SysError(errno, "removing the unchanged folder " + path);
  set_times(parent, times);
}

}  // namespace crun::build
