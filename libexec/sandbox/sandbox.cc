#include "libexec/sandbox/sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "crun/error.h"
#include "libcrun/syscall/syscall.h"
#include "libexec/sandbox/landlock.h"
#include "libexec/sandbox/system_calls.h"

namespace crun::sandbox {
namespace {

int set_attributes(int tree, uint64_t set) {
  mount_attr attributes{};
  attributes.attr_set = set;
  attributes.propagation = MS_PRIVATE;
  return mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
}

struct stat status_of(int fd, const char* what) {
  struct stat status {};
  checked(fstat(fd, &status), what);
  return status;
}

bool same(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

void close_others(const Walls& walls) {
  std::vector<int> kept = walls.descriptors;
  kept.insert(kept.end(), {0, 1, 2});
  kept.insert(kept.end(), walls.readable.begin(), walls.readable.end());
  if (walls.root >= 0) kept.push_back(walls.root);
  std::sort(kept.begin(), kept.end());
  unsigned next = 0;
  for (int fd : kept) {
    auto number = static_cast<unsigned>(fd);
    if (number > next) close_range(next, number - 1, 0);
    next = std::max(next, number + 1);
  }
  close_range(next, ~0U, 0);
}

// A process that skipped its pivot once wrote four layers over the machine it ran on: hence the comparison, by device
// and inode, before and after.
void refuse_hosts_root(int root) {
  struct stat folder = status_of(root, "sandbox: reading the folder's status");
  if (!S_ISDIR(folder.st_mode)) throw Error(ErrorKind::denied, "sandbox: what was handed over is no folder");
  Fd host(checked(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "sandbox: opening /"));
  if (same(folder, status_of(host.get(), "sandbox: reading the status of /"))) {
    throw Error(ErrorKind::denied, "sandbox: the folder is the host's root");
  }
}

Fd empty_tree() {
  Fd context(checked(fsopen("tmpfs", FSOPEN_CLOEXEC), "sandbox: fsopen"));
  checked(fsconfig(context.get(), FSCONFIG_SET_STRING, "size", "4k", 0), "sandbox: fsconfig");
  checked(fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), "sandbox: fsconfig");
  return Fd(checked(fsmount(context.get(), FSMOUNT_CLOEXEC, 0), "sandbox: fsmount"));
}

// Detached, and made before the mount namespace is left: afterwards the folder's mount is another namespace's, which
// open_tree(2) refuses.
Fd tree_of(const Walls& walls) {
  if (walls.root < 0) return empty_tree();
  return Fd(
      checked(open_tree(walls.root, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), "sandbox: open_tree"));
}

void pivot_into(int tree) {
  checked(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "sandbox: making mounts private");
  // Over `/` itself: in this namespace alone, and the only place that is there on every host.
  checked(move_mount(tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH), "sandbox: move_mount");
  checked(fchdir(tree), "sandbox: entering the folder");
  int pivoted = syscall::pivot_root(".", ".");
  if (pivoted < 0) throw SysError(-pivoted, "sandbox: pivot_root");
  checked(umount2(".", MNT_DETACH), "sandbox: detaching the host's mounts");
  checked(chdir("/"), "sandbox: entering the new root");
}

Dir change_root(const Walls& walls, Fd tree) {
  struct stat before {};
  checked(stat("/", &before), "sandbox: reading the status of /");
  uint64_t set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | (walls.writable ? 0 : MOUNT_ATTR_RDONLY);
  // NOSYMFOLLOW came with Linux 5.14; none of our opens follows a link without it either.
  if (set_attributes(tree.get(), set | MOUNT_ATTR_NOSYMFOLLOW) != 0) {
    checked(set_attributes(tree.get(), set), "sandbox: mount_setattr");
  }
  pivot_into(tree.get());
  struct stat wanted = status_of(tree.get(), "sandbox: reading the new root's status");
  Dir root(Fd(checked(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "sandbox: opening the new root")));
  struct stat now = status_of(root.fd(), "sandbox: reading the status of /");
  if (!same(now, wanted) || same(now, before)) throw Error(ErrorKind::denied, "sandbox: the new root is not in place");
  return root;
}

std::vector<cap_value_t> rights_of(const Walls& walls) {
  if (walls.writable) return {CAP_CHOWN, CAP_FOWNER, CAP_DAC_OVERRIDE, CAP_MKNOD, CAP_SETFCAP, CAP_FSETID};
  if (walls.reads_all) return {CAP_DAC_READ_SEARCH};
  return {};
}

void drop_capabilities(const std::vector<cap_value_t>& kept) {
  checked(setgroups(0, nullptr), "sandbox: dropping groups");
  for (cap_value_t value = 0; cap_get_bound(value) >= 0; ++value) {
    bool wanted = std::find(kept.begin(), kept.end(), value) != kept.end();
    if (!wanted) checked(cap_drop_bound(value), "sandbox: dropping capabilities");
  }
  cap_t wanted = cap_init();
  if (wanted == nullptr) throw SysError(errno, "sandbox: capabilities");
  if (!kept.empty()) {
    int count = static_cast<int>(kept.size());
    cap_set_flag(wanted, CAP_PERMITTED, count, kept.data(), CAP_SET);
    cap_set_flag(wanted, CAP_EFFECTIVE, count, kept.data(), CAP_SET);
  }
  int result = cap_set_proc(wanted);
  int error = errno;
  cap_free(wanted);
  if (result != 0) throw SysError(error, "sandbox: setting capabilities");
}

// Nobody else may find us writing into a folder that has been given up. Set after the last change of credentials, which
// would clear it (prctl(2)); the poll sees a parent that was gone before.
void end_with(int parent) {
  checked(prctl(PR_SET_PDEATHSIG, SIGKILL), "sandbox: PR_SET_PDEATHSIG");
  pollfd state{parent, 0, 0};
  checked(poll(&state, 1, 0), "sandbox: poll");
  if ((state.revents & (POLLERR | POLLHUP)) != 0) throw Error(ErrorKind::internal, "sandbox: its parent is gone");
}

void limit(int resource, uint64_t most) {
  rlimit value{most, most};
  rlimit now{};
  checked(getrlimit(static_cast<__rlimit_resource_t>(resource), &now), "sandbox: reading a limit");
  value.rlim_cur = value.rlim_max = std::min<rlim_t>(most, now.rlim_max);
  checked(setrlimit(static_cast<__rlimit_resource_t>(resource), &value), "sandbox: setting a limit");
}

}  // namespace

Dir enter(const Walls& walls) {
  close_others(walls);
  checked(prctl(PR_SET_DUMPABLE, 0), "sandbox: PR_SET_DUMPABLE");
  if (walls.root >= 0) refuse_hosts_root(walls.root);
  Fd tree = tree_of(walls);
  checked(unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS), "sandbox: making namespaces");
  Dir root = change_root(walls, std::move(tree));
  drop_capabilities(rights_of(walls));
  checked(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "sandbox: PR_SET_NO_NEW_PRIVS");
  end_with(walls.parent);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 4096);  // 500 layers below may be open twice
  limit(RLIMIT_DATA, walls.memory);
  restrict_files(root.fd(), walls.writable, walls.readable);
  restrict_system_calls(walls.writable, walls.threads);
  return root;
}

}  // namespace crun::sandbox
