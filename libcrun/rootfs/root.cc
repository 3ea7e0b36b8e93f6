#include "libcrun/rootfs/root.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "crun/error.h"
#include "libcrun/rootfs/mount_by_path.h"
#include "libcrun/rootfs/no_pivot.h"
#include "libcrun/syscall/syscall.h"

namespace crun::rootfs {
namespace {

constexpr unsigned long kRecursive = MS_REC;

Propagation propagation_of(spec::Propagation wanted) {
  switch (wanted) {
    case spec::Propagation::shared: return {MS_SHARED, false};
    case spec::Propagation::slave: return {MS_SLAVE, false};
    case spec::Propagation::unbindable: return {MS_UNBINDABLE, false};
    case spec::Propagation::private_: return {MS_PRIVATE, false};
    case spec::Propagation::recursive_shared: return {MS_SHARED, true};
    case spec::Propagation::recursive_slave: return {MS_SLAVE, true};
    case spec::Propagation::recursive_unbindable: return {MS_UNBINDABLE, true};
    case spec::Propagation::recursive_private: break;
  }
  return {MS_PRIVATE, true};
}

bool is_shared(std::optional<spec::Propagation> wanted) {
  return wanted == spec::Propagation::shared || wanted == spec::Propagation::recursive_shared;
}

Fd clone_root(const std::string& path) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
  Fd tree(open_tree(AT_FDCWD, path.c_str(), flags));
  if (!tree) {
    if (errno == ENOSYS || errno == EPERM) return tree;
    throw SysError(errno, "opening root folder " + path);
  }
  struct stat status {};
  checked(fstat(tree.get(), &status), "reading the status of the root folder");
  if (!S_ISDIR(status.st_mode)) throw Error(ErrorKind::invalid, "root " + path + " is not a folder");
  int error = set_propagation(tree.get(), {MS_SLAVE, true});
  if (error == -ENOSYS) return {};
  if (error != 0) throw SysError(-error, "taking root folder " + path + " out of its peers");
  return tree;
}

bool binds_dev(const std::vector<MountStep>& mounts) {
  return std::any_of(mounts.begin(), mounts.end(), [](const MountStep& step) {
    return step.kind == MountKind::tree && (step.target == "/dev" || step.target == "/dev/") && step.type != "tmpfs";
  });
}

int attach_to(const char* folder, int root) noexcept {
  unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS;
  return move_mount(root, "", AT_FDCWD, folder, flags) == 0 ? 0 : -errno;
}

}  // namespace

RootPlan plan_root(const spec::Spec& spec, const std::string& bundle, const std::string& path, int mount_fd) {
  RootPlan plan;
  plan.path = path;
  plan.borrowed_tree = mount_fd;
  plan.anchor = !path.empty() ? path : bundle.empty() ? "/" : bundle;
  if (mount_fd < 0) plan.tree = clone_root(path);
  plan.read_only = spec.root.readonly;
  if (spec.linux.rootfs_propagation) plan.propagation = propagation_of(*spec.linux.rootfs_propagation);
  // fsmount's and open_tree's descriptors are of the O_PATH kind; this one reads.
  int base = plan.tree_fd() >= 0 ? plan.tree_fd() : AT_FDCWD;
  const char* relative = plan.tree_fd() >= 0 ? "." : path.c_str();
  plan.visible =
      Dir(Fd(checked(openat(base, relative, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "opening the root folder")));
  plan.id_maps = IdMapNamespaces(&spec.linux);
  MountContext context{bundle, is_shared(spec.linux.rootfs_propagation), &plan.visible, &plan.id_maps,
                       spec.linux.mount_label};
  plan.mounts = plan_mounts(spec.mounts, context);
  if (!binds_dev(plan.mounts)) {
    plan.devices = plan_devices(spec.linux.devices);
    plan.links = plan_links();
  }
  plan.masked = spec.linux.masked_paths;
  plan.read_only_paths = spec.linux.readonly_paths;
  if (!plan.masked.empty()) plan.mask_source = make_mask_source();
  if (spec.process) plan.cwd = spec.process->cwd;
  return plan;
}

void plan_without_pivot(RootPlan& plan) {
  // As mountinfo writes it: of what is attached there nothing may be hidden.
  char resolved[PATH_MAX];
  if (realpath(plan.anchor.c_str(), resolved) == nullptr) throw SysError(errno, "resolving " + plan.anchor);
  if (std::string_view(resolved) == "/") {
    throw Error(ErrorKind::invalid, "without pivot_root(2) the root cannot be attached at /: give the bundle's path");
  }
  plan.pivot = false;
  plan.kernel_mounts = kernel_mounts(read_path("/proc/thread-self/mountinfo"), resolved);
}

int stop_propagation() noexcept {
  mount_attr slave{};
  slave.propagation = MS_SLAVE;
  if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &slave, sizeof slave) == 0) return 0;
  if (errno != ENOSYS && errno != EPERM) return -errno;
  return mount(nullptr, "/", nullptr, MS_SLAVE | MS_REC, nullptr) == 0 ? 0 : -errno;
}

int attach_root(const RootPlan& plan, int& root) noexcept {
  root = plan.tree_fd();
  if (root < 0) {
    if (mount(plan.path.c_str(), plan.path.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) return -errno;
    root = open(plan.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root < 0 ? -errno : 0;
  }
  int error = attach_to(plan.anchor.c_str(), root);
  // Another user namespace's root may not pass each folder above ours.
  return error == -EACCES ? attach_to("/tmp", root) : error;
}

int set_root_read_only(const RootPlan& plan, int root) noexcept {
  if (!plan.read_only) return 0;
  int error = set_attributes(root, {MOUNT_ATTR_RDONLY, 0}, false);
  return error == -ENOSYS ? set_read_only_by_path(root) : error;
}

// pivot_root(2) refuses a shared root, so it comes after that.
int set_root_propagation(const RootPlan& plan, int root) noexcept {
  if (!plan.propagation) return 0;
  int error = set_propagation(root, *plan.propagation);
  if (error != -ENOSYS) return error;
  unsigned long kind = plan.propagation->kind | (plan.propagation->recursive ? kRecursive : 0UL);
  return mount(nullptr, "/", nullptr, kind, nullptr) == 0 ? 0 : -errno;
}

// pivot_root(2), "pivot_root(".", ".")": the old root comes to lie over the new one, and is detached from there.
int change_root(const RootPlan& plan, int root) noexcept {
  if (!plan.pivot) return move_root(root, plan.kernel_mounts);
  if (fchdir(root) != 0) return -errno;
  int error = syscall::pivot_root(".", ".");
  if (error != 0) return error;
  if (umount2(".", MNT_DETACH) != 0) return -errno;
  return chdir("/") == 0 ? 0 : -errno;
}

}  // namespace crun::rootfs
