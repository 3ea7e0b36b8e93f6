#include "engine/rootfs/overlay.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/dir.h"
#include "crun/error.h"

namespace crun::engine {
namespace {

// Names a folder in a text that the kernel cuts at 256 bytes (fsconfig(2)).
class ShortName {
 public:
  explicit ShortName(const std::string& path) {
    constexpr size_t kLongest = 255;
    text_ = path;
    if (path.size() <= kLongest) return;
    folder_ = Fd(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder_) throw SysError(errno, "opening layer folder " + path);
    text_ = "/proc/self/fd/" + std::to_string(folder_.get());
  }
  const char* text() const { return text_.c_str(); }

 private:
  Fd folder_;
  std::string text_;
};

void configure(int context, const char* key, const std::string& path) {
  ShortName name(path);
  if (fsconfig(context, FSCONFIG_SET_STRING, key, name.text(), 0) != 0) {
    throw SysError(errno, std::string("overlay: ") + key + " " + path);
  }
}

void configure_flag(int context, const char* key) {
  if (fsconfig(context, FSCONFIG_SET_FLAG, key, nullptr, 0) != 0) throw SysError(errno, std::string("overlay: ") + key);
}

bool fallback_forced() { return getenv("CTR_TEST_OVERLAY_BY_MOUNT") != nullptr; }

void check(const OverlayLayers& layers) {
  if (layers.lowers.size() > kMostLayers) {
    throw Error(ErrorKind::invalid, "overlay: " + std::to_string(layers.lowers.size()) +
                                        " layers, and the kernel takes " + std::to_string(kMostLayers));
  }
  if (layers.lowers.empty()) throw Error(ErrorKind::internal, "overlay without a lower layer");
}

// An image may hold one layer twice, an empty one often, and overlayfs refuses a folder twice (ELOOP). All that the
// lower one holds the upper one shows, so only that is kept.
OverlayLayers without_repeats(OverlayLayers layers) {
  std::vector<std::string> kept;
  for (std::string& lower : layers.lowers) {
    if (std::find(kept.begin(), kept.end(), lower) == kept.end()) kept.push_back(std::move(lower));
  }
  layers.lowers = std::move(kept);
  return layers;
}

}  // namespace

Fd mount_overlay_by_fsconfig(const OverlayLayers& layers) {
  check(layers);
  Fd context(fsopen("overlay", FSOPEN_CLOEXEC));
  if (!context) throw SysError(errno, "opening the overlay filesystem");
  for (size_t i = 0; i < layers.lowers.size(); ++i) {
    try {
      configure(context.get(), "lowerdir+", layers.lowers[i]);
    } catch (const SysError& error) {
      // An unknown key, and so a kernel before 6.8.
      if (i == 0 && error.errno_value() == EINVAL) return Fd();
      throw;
    }
  }
  if (!layers.upper.empty()) {
    configure(context.get(), "upperdir", layers.upper);
    configure(context.get(), "workdir", layers.work);
    if (layers.throw_away) configure_flag(context.get(), "volatile");
  }
  configure_flag(context.get(), "userxattr");
  if (fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    throw SysError(errno, "mounting an overlay of " + std::to_string(layers.lowers.size()) + " layers");
  }
  Fd mount(fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
  if (!mount) throw SysError(errno, "mounting an overlay");
  return mount;
}

Fd mount_overlay(const OverlayLayers& asked) {
  OverlayLayers layers = without_repeats(asked);
  check(layers);
  // overlayfs refuses a single lower layer without an upper one.
  if (layers.upper.empty() && layers.lowers.size() == 1) return clone_folder(layers.lowers[0], true);
  Fd mount = fallback_forced() ? Fd() : mount_overlay_by_fsconfig(layers);
  return mount ? std::move(mount) : mount_overlay_by_child(layers);
}

Fd clone_folder(const std::string& path, bool read_only) {
  Fd mount(open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!mount) throw SysError(errno, "cloning the mount of " + path);
  mount_attr attributes{};
  attributes.attr_set = read_only ? MOUNT_ATTR_RDONLY : 0;
  attributes.propagation = MS_PRIVATE;
  if (mount_setattr(mount.get(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0) {
    throw SysError(errno, "setting the attributes of the mount of " + path);
  }
  return mount;
}

}  // namespace crun::engine
