// All of a container's root: what the parent prepares, and the child's last moves before its own namespace is its
// world.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crun/fd.h"
#include "libcrun/rootfs/devices.h"
#include "libcrun/rootfs/hidden_paths.h"
#include "libcrun/rootfs/mounts.h"

namespace crun::rootfs {

struct RootPlan {
  Fd tree;                 // detached; empty only where the kernel cannot clone one: then `path` is bound onto itself
  int borrowed_tree = -1;  // the caller's mount fd instead
  std::string path;
  // Where it is attached until the root is changed: any folder would do, but not our own root, as a process that joins
  // the mount namespace then (a createContainer hook) would find itself in the container's root (setns(2)).
  std::string anchor;
  Dir visible;  // the root as the parent can read it, before anything is mounted into it
  bool read_only = false;
  std::optional<Propagation> propagation;
  IdMapNamespaces id_maps{nullptr};
  std::vector<MountStep> mounts;
  std::vector<DeviceStep> devices;
  std::vector<LinkStep> links;
  std::vector<std::string> masked;
  std::vector<std::string> read_only_paths;
  MaskSource mask_source;
  std::string cwd;  // made where it does not exist, as runc does
  bool pivot = true;
  std::vector<std::string> kernel_mounts;  // without a pivot: what no_pivot.h hides

  int tree_fd() const noexcept { return borrowed_tree >= 0 ? borrowed_tree : tree.get(); }
};

// spec.root and all of spec.linux and spec.mounts that shapes it. path: absolute. mount_fd: borrowed, or -1.
// Throws Error{invalid}, Error{unsupported}, SysError.
RootPlan plan_root(const spec::Spec& spec, const std::string& bundle, const std::string& path, int mount_fd);

// Without pivot_root(2): no_pivot.h. Only where the mounts are the container's own.
void plan_without_pivot(RootPlan& plan);

// In the child, in this order; 0 or -errno.
int stop_propagation() noexcept;                            // nothing that is mounted from here on reaches the host
int attach_root(const RootPlan& plan, int& root) noexcept;  // root: an fd to work below
int set_root_read_only(const RootPlan& plan, int root) noexcept;
int change_root(const RootPlan& plan, int root) noexcept;
int set_root_propagation(const RootPlan& plan, int root) noexcept;

}  // namespace crun::rootfs
