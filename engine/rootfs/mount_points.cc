#include "engine/rootfs/mount_points.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/dir.h"
#include "base/random_id.h"
#include "crun/error.h"

namespace crun::engine {
namespace {

constexpr const char* kName = "mount-points";
constexpr const char* kFolders[] = {"dev", "etc", "proc", "sys"};
constexpr const char* kFiles[] = {"etc/hostname", "etc/hosts", "etc/resolv.conf"};

void fill(const Dir& layer) {
  // The caller's umask must not decide what a container's users may pass through.
  checked(fchmod(layer.fd(), 0755), "setting a folder's mode");
  for (const char* name : kFolders) {
    Dir folder = layer.make_dirs(name, 0755);
    checked(fchmod(folder.fd(), 0755), "setting a folder's mode");
  }
  for (const char* name : kFiles) {
    Fd file = layer.open_at(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
    checked(fchmod(file.get(), 0644), "setting a file's mode");
  }
}

}  // namespace

std::string mount_point_layer(const std::string& data_root) {
  std::string path = data_root + "/" + kName;
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0) return path;
  Dir root = Dir::open_or_make(data_root, 0700);
  std::string draft = std::string(".") + kName + "." + random_hex(8);
  fill(root.make_dirs(draft, 0755));
  if (renameat2(root.fd(), draft.c_str(), root.fd(), kName, RENAME_NOREPLACE) == 0) return path;
  int error = errno;
  root.remove_tree(draft);
  // Another container came first.
  if (error != EEXIST) throw SysError(error, "making " + path);
  return path;
}

}  // namespace crun::engine
