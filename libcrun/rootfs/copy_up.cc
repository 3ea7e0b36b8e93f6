#include "libcrun/rootfs/copy_up.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>

#include "crun/error.h"
#include "libcrun/rootfs/copy_tree.h"

namespace crun::rootfs {
namespace {

// Nothing where we have no right to in our own user namespace.
Fd make_tmpfs(const MountStep& step) {
  std::string what = "making the tmpfs for " + step.target;
  Fd context(fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!context && (errno == EPERM || errno == ENOSYS)) return {};
  if (!context) throw SysError(errno, what);
  for (const Parameter& parameter : step.parameters) {
    unsigned command = parameter.is_flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    const char* value = parameter.is_flag ? nullptr : parameter.value.c_str();
    checked(fsconfig(context.get(), command, parameter.key.c_str(), value, 0), what);
  }
  checked(fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), what);
  return Fd(checked(fsmount(context.get(), FSMOUNT_CLOEXEC, 0), what));
}

}  // namespace

void copy_up(MountStep& step, const MountContext& context) {
  if (context.root == nullptr) return;
  std::optional<Dir> covered = context.root->find_dir(step.target);
  if (!covered) return;
  Fd mount = make_tmpfs(step);
  if (!mount) {
    step.copies_up = true;
    return;
  }
  int error = copy_up_into(mount.get(), covered->fd());
  if (error != 0) throw SysError(-error, "copying " + step.target + " into its tmpfs");
  error = set_options(mount.get(), step);
  step.options_by_path = error == -ENOSYS && step.recursive.empty();
  if (error == 0 && step.id_map >= 0) error = set_id_map(mount.get(), step.id_map, step.recursive_id_map);
  if (error != 0 && !step.options_by_path) throw SysError(-error, "setting the options of the tmpfs on " + step.target);
  step.kind = MountKind::tree;
  step.tree = std::move(mount);
}

// fsmount's descriptors, and those of a target, are of the O_PATH kind.
int copy_up_into(int mount, int covered) noexcept {
  int from = openat(covered, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (from < 0) return -errno;
  Fd from_owner(from);
  int to = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (to < 0) return -errno;
  Fd to_owner(to);
  return copy_tree(from, to);
}

}  // namespace crun::rootfs
