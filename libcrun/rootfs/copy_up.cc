#include "libcrun/rootfs/copy_up.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "crun/error.h"

namespace crun::rootfs {
namespace {

Fd make_tmpfs(const MountStep& step) {
  std::string what = "making the tmpfs for " + step.target;
  Fd context(checked(fsopen("tmpfs", FSOPEN_CLOEXEC), what));
  for (const Parameter& parameter : step.parameters) {
    unsigned command = parameter.is_flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    const char* value = parameter.is_flag ? nullptr : parameter.value.c_str();
    checked(fsconfig(context.get(), command, parameter.key.c_str(), value, 0), what);
  }
  checked(fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), what);
  return Fd(checked(fsmount(context.get(), FSMOUNT_CLOEXEC, 0), what));
}

void copy_attributes(int from, int to) {
  char names[4096];
  ssize_t length = flistxattr(from, names, sizeof names);
  for (ssize_t at = 0; at < length;) {
    std::string name = names + at;
    at += static_cast<ssize_t>(name.size()) + 1;
    char value[4096];
    ssize_t size = fgetxattr(from, name.c_str(), value, sizeof value);
    // A tmpfs takes no user.* attributes before Linux 6.6.
    if (size >= 0 && fsetxattr(to, name.c_str(), value, static_cast<size_t>(size), 0) != 0 && errno != EOPNOTSUPP) {
      throw SysError(errno, "copying attribute " + name);
    }
  }
}

void copy_status(int from, int to, const struct stat& status) {
  checked(fchown(to, status.st_uid, status.st_gid), "copying an owner into a tmpfs");
  checked(fchmod(to, status.st_mode & 07777), "copying a mode into a tmpfs");
  copy_attributes(from, to);
  timespec times[2] = {status.st_atim, status.st_mtim};
  checked(futimens(to, times), "copying times into a tmpfs");
}

void copy_file(const Dir& from, const Dir& to, const std::string& name, const struct stat& status) {
  Fd source = from.open_at(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, Resolve::no_symlinks);
  Fd target = to.open_at(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, Resolve::no_symlinks);
  for (;;) {
    ssize_t count =
        checked(sendfile(target.get(), source.get(), nullptr, 1 << 20), "copying " + name + " into a tmpfs");
    if (count == 0) break;
  }
  copy_status(source.get(), target.get(), status);
}

void copy_link(const Dir& from, const Dir& to, const std::string& name, const struct stat& status) {
  std::string target(static_cast<size_t>(status.st_size) + 1, '\0');
  ssize_t length = checked(readlinkat(from.fd(), name.c_str(), target.data(), target.size()), "reading link " + name);
  target.resize(static_cast<size_t>(length));
  checked(symlinkat(target.c_str(), to.fd(), name.c_str()), "copying link " + name + " into a tmpfs");
  checked(fchownat(to.fd(), name.c_str(), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW), "copying an owner");
}

void copy_folder(const Dir& from, const Dir& to) {
  for (const std::string& name : from.list()) {
    std::optional<struct stat> status = from.find_stat(name);
    if (!status) continue;
    if (S_ISREG(status->st_mode)) {
      copy_file(from, to, name, *status);
    } else if (S_ISLNK(status->st_mode)) {
      copy_link(from, to, name, *status);
    } else if (S_ISDIR(status->st_mode)) {
      checked(mkdirat(to.fd(), name.c_str(), 0700), "copying folder " + name + " into a tmpfs");
      copy_folder(from.open_dir(name, Resolve::no_symlinks), to.open_dir(name, Resolve::no_symlinks));
    } else if (!S_ISSOCK(status->st_mode)) {
      checked(mknodat(to.fd(), name.c_str(), status->st_mode, status->st_rdev), "copying " + name + " into a tmpfs");
      checked(fchownat(to.fd(), name.c_str(), status->st_uid, status->st_gid, AT_SYMLINK_NOFOLLOW), "copying an owner");
    }
  }
  struct stat status {};
  checked(fstat(from.fd(), &status), "reading the status of a folder");
  copy_status(from.fd(), to.fd(), status);
}

}  // namespace

void copy_up(MountStep& step, const MountContext& context) {
  if (context.root == nullptr) return;
  std::optional<Dir> covered = context.root->find_dir(step.target);
  if (!covered) return;
  Fd mount = make_tmpfs(step);
  // fsmount's descriptor is of the O_PATH kind.
  Dir top(Fd(checked(openat(mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "opening a new tmpfs")));
  copy_folder(*covered, top);
  int error = set_options(mount.get(), step);
  step.options_by_path = error == -ENOSYS && step.recursive.empty();
  if (error == 0 && step.id_map >= 0) error = set_id_map(mount.get(), step.id_map, step.recursive_id_map);
  if (error != 0 && !step.options_by_path) throw SysError(-error, "setting the options of the tmpfs on " + step.target);
  step.kind = MountKind::tree;
  step.tree = std::move(mount);
}

}  // namespace crun::rootfs
