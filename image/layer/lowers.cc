#include "image/layer/lowers.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <cerrno>
#include <set>

#include "base/dir.h"
#include "base/openat2.h"
#include "crun/error.h"
#include "image/layer/entry_path.h"

namespace crun::layer {
namespace {

constexpr uint64_t kResolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;

Fd open_folder(int at, const std::string& name) {
  int fd = openat2_raw(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, kResolve);
  if (fd < 0) throw SysError(-fd, "opening folder " + name + " of a lower layer");
  return Fd(fd);
}

// One folder of the merged view: the layers' folders that make it up.
class MergedFolder {
 public:
  static MergedFolder top(const std::vector<int>& folders) {
    MergedFolder result;
    for (int folder : folders) result.parts_.push_back(open_folder(folder, "."));
    return result;
  }

  std::optional<Lowers::Found> find(const std::string& name) const {
    for (const Fd& part : parts_) {
      struct stat status {};
      if (fstatat(part.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) continue;
        throw SysError(errno, "reading the status of " + name + " in a lower layer");
      }
      if (is_whiteout(status)) return std::nullopt;
      return Lowers::Found{open_folder(part.get(), "."), name, status};
    }
    return std::nullopt;
  }

  MergedFolder enter(const std::string& name) const {
    MergedFolder result;
    for (const Fd& part : parts_) {
      struct stat status {};
      if (fstatat(part.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) continue;
        throw SysError(errno, "reading the status of " + name + " in a lower layer");
      }
      if (!S_ISDIR(status.st_mode)) break;
      result.parts_.push_back(open_folder(part.get(), name));
      if (is_opaque(result.parts_.back().get())) break;
    }
    return result;
  }

  std::vector<std::string> names() const {
    std::set<std::string> hidden;
    std::set<std::string> shown;
    for (const Fd& part : parts_) {
      for (const std::string& name : Dir(open_folder(part.get(), ".")).list()) {
        struct stat status {};
        if (hidden.count(name) != 0 || fstatat(part.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
        (is_whiteout(status) && shown.count(name) == 0 ? hidden : shown).insert(name);
      }
    }
    return {shown.begin(), shown.end()};
  }

 private:
  std::vector<Fd> parts_;
};

}  // namespace

bool is_whiteout(const struct stat& status) { return S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0); }

bool is_opaque(int folder) {
  char value = 0;
  return fgetxattr(folder, std::string(kOpaqueXattr).c_str(), &value, 1) == 1 && value == 'y';
}

std::optional<Lowers::Found> Lowers::find(std::string_view path) const {
  MergedFolder folder = MergedFolder::top(folders_);
  for (;;) {
    size_t slash = path.find('/');
    std::string name(path.substr(0, slash));
    std::optional<Found> found = folder.find(name);
    if (slash == std::string_view::npos || !found) return found;
    if (!S_ISDIR(found->status.st_mode)) return std::nullopt;
    folder = folder.enter(name);
    path.remove_prefix(slash + 1);
  }
}

std::vector<std::string> Lowers::top_names() const { return MergedFolder::top(folders_).names(); }

}  // namespace crun::layer
