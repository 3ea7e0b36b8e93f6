#include "image/build/layer_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "crun/error.h"
#include "image/build/physical_path.h"
#include "image/build/xattrs.h"

namespace crun::build {
namespace {

constexpr size_t kDeepest = 900;  // folders within each other; each is an open descriptor

class Cleaner {
 public:
  explicit Cleaner(const std::function<Dir()>& lower) : lower_(lower) {}

  void clean(const Dir& folder, const std::string& path, size_t depth) {
    if (depth > kDeepest) {
      throw Error(ErrorKind::invalid,
                  "the step made a tree that is more than " + std::to_string(kDeepest) + " folders deep");
    }
    remove_overlay_xattrs(folder.fd(), path);
    for (const std::string& name : folder.list()) {
      std::optional<struct stat> status = folder.find_stat(name);
      if (!status) continue;
      std::string below = join_path(path, name);
      if (S_ISDIR(status->st_mode)) {
        clean(folder.open_dir(name, Resolve::no_symlinks), below, depth + 1);
      } else if (S_ISREG(status->st_mode)) {
        Fd file = folder.open_at(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, Resolve::no_symlinks);
        remove_overlay_xattrs(file.get(), below);
      } else if (S_ISSOCK(status->st_mode)) {
        remove_socket(folder, name, below);
      }
    }
  }

 private:
  void remove_socket(const Dir& folder, const std::string& name, const std::string& path) {
    struct stat before {};
    checked(fstat(folder.fd(), &before), "reading a folder's status");
    if (unlinkat(folder.fd(), name.c_str(), 0) != 0) throw SysError(errno, "removing the socket " + path);
    if (hides(path) && mknodat(folder.fd(), name.c_str(), S_IFCHR, makedev(0, 0)) != 0) {
      throw SysError(errno, "making a whiteout for " + path);
    }
    std::array<struct timespec, 2> times = {before.st_atim, before.st_mtim};
    checked(futimens(folder.fd(), times.data()), "setting a folder's times");
  }

  bool hides(const std::string& path) const {
    try {
      return lower_().find_at(path, O_PATH | O_NOFOLLOW, Resolve::no_symlinks).has_value();
    } catch (const SysError& error) {
      // Below, a link stands where this layer has a folder.
      if (error.errno_value() == ELOOP) return false;
      throw;
    }
  }

  const std::function<Dir()>& lower_;
};

}  // namespace

void begin_layer_folder(const Dir& upper, const Dir* lower) {
  struct stat status {};
  status.st_mode = 0755;
  if (lower != nullptr) checked(fstat(lower->fd(), &status), "reading a layer's status");
  checked(fchown(upper.fd(), status.st_uid, status.st_gid), "setting a layer's owner");
  checked(fchmod(upper.fd(), status.st_mode & 07777), "setting a layer's mode");
  if (lower != nullptr) {
    for (const auto& [name, value] : portable_xattrs(lower->fd(), "a layer's folder")) {
      checked(fsetxattr(upper.fd(), name.c_str(), value.data(), value.size(), 0), "setting a layer's attributes");
    }
  }
  std::array<struct timespec, 2> times = {status.st_atim, status.st_mtim};
  checked(futimens(upper.fd(), times.data()), "setting a layer's times");
}

void finish_layer_folder(const Dir& upper, const std::function<Dir()>& lower) { Cleaner(lower).clean(upper, "", 1); }

}  // namespace crun::build
