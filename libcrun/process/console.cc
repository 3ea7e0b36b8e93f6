// The terminal of a process: made in the container's own devpts, its master sent to the parent.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "base/openat2.h"
#include "libcrun/process/child.h"
#include "libcrun/rootfs/target.h"

namespace crun::process {
namespace {

// The image, or a process in the container, may have put something else there.
int open_ptmx(int root) noexcept {
  // In a container that was joined, the root of its mount namespace is ours.
  int fd = root >= 0 ? openat2_raw(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS)
                     : openat2_raw(AT_FDCWD, "/dev/pts/ptmx", O_RDWR | O_NOCTTY, 0, RESOLVE_NO_SYMLINKS);
  if (fd < 0) return fd;
  struct stat status {};
  struct statfs filesystem {};
  bool is_ptmx = fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(5, 2) &&
                 fstatfs(fd, &filesystem) == 0 && filesystem.f_type == DEVPTS_SUPER_MAGIC;
  if (is_ptmx) return fd;
  close(fd);
  return -ENOTTY;
}

int prepare(int master, const Plan& plan, int& slave) noexcept {
  int unlock = 0;
  if (ioctl(master, TIOCSPTLCK, &unlock) != 0) return -errno;
  slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return -errno;
  if (plan.console_size) {
    winsize size{};
    size.ws_row = static_cast<unsigned short>(plan.console_size->height);
    size.ws_col = static_cast<unsigned short>(plan.console_size->width);
    if (ioctl(master, TIOCSWINSZ, &size) != 0) return -errno;
  }
  if (plan.uid != 0 && fchown(slave, plan.uid, static_cast<gid_t>(-1)) != 0) return -errno;
  return child_side::send(plan.sync.get(), Message{MessageType::terminal, Step::terminal, 0, -1}, master);
}

}  // namespace

int open_terminal(int root, const Plan& plan, int& slave) noexcept {
  int master = open_ptmx(root);
  if (master < 0) return master;
  Fd owner(master);
  return prepare(master, plan, slave);
}

// A link that stands for /dev/console is not followed (CVE-2025-52565).
int mount_console(int root, int slave) noexcept {
  int target = rootfs::open_or_make_target(root, rootfs::TargetRequest{"/dev/console", rootfs::TargetKind::file, true});
  if (target < 0) return target;
  Fd target_owner(target);
  int tree = open_tree(slave, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
  if (tree < 0) return -errno;
  Fd tree_owner(tree);
  return move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0 ? 0 : -errno;
}

int take_terminal(int slave) noexcept { return ioctl(slave, TIOCSCTTY, 0) == 0 ? 0 : -errno; }

}  // namespace crun::process
