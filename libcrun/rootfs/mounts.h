// The mounts of a container, in the order of the spec. The parent opens and clones what comes from the host and makes
// all the texts; the child makes file systems that belong to its own namespaces, and attaches all of it by fd.
#pragma once

#include <string>
#include <vector>

#include "base/dir.h"
#include "crun/fd.h"
#include "libcrun/rootfs/id_map.h"
#include "libcrun/rootfs/mount_options.h"
#include "libcrun/rootfs/target.h"
#include "libcrun/spec/spec.h"

namespace crun::rootfs {

enum class MountKind {
  tree,        // attach `tree`: a clone of the host's mount, or a file system that the parent made
  filesystem,  // make one of `type`: in the child, as procfs, sysfs, mqueue and cgroup2 show the maker's namespaces
  remount,     // change what is mounted there
  link,        // make a symlink to `source`: crun's copy-symlink
};

struct MountStep {
  MountKind kind = MountKind::filesystem;
  std::string target;
  TargetKind target_kind = TargetKind::folder;
  bool no_symlinks = false;
  bool below_proc = false;  // by its destination's letters: else a target in a procfs is refused
  Fd tree;
  std::string type;
  std::string source;
  std::vector<Parameter> parameters;
  Attributes top;
  Attributes recursive;
  std::vector<Propagation> propagation;
  std::string link_folder;  // of a link, split here so that the child need not
  std::string link_name;
  std::string label;          // linux.mountLabel of a file system that takes it by its root's attribute alone
  bool copies_up = false;     // the child fills it from the folder that it covers
  bool inherit_mode = false;  // a tmpfs without mode= gets that of the folder it covers, as runc does
  int id_map = -1;            // of a file system: a user namespace whose mapping it gets; RootPlan owns it
  bool recursive_id_map = false;
  // For mount(2): where the kernel lacks the new calls, or these have no word for an option.
  bool by_path = false;
  bool options_by_path = false;  // the tree has none of its options yet: mount_setattr(2) came with Linux 5.12
  bool recursive_bind = false;
  unsigned long old_flags = 0;
  unsigned long old_flags_cleared = 0;
  std::string old_data;
};

struct MountContext {
  std::string bundle;         // relative sources of bind mounts are below it
  bool shared_root = false;   // linux.rootfsPropagation is shared: clones stay peers of the host's mounts
  const Dir* root = nullptr;  // the container's root as the parent can see it, for tmpcopyup
  IdMapNamespaces* id_maps = nullptr;
  std::string mount_label;  // linux.mountLabel: SELinux's context of all file systems that are made
};

// Throws Error{invalid} for a destination that is the root, or below /proc where a file system would hide or forge what
// the kernel says there; SysError for a source that cannot be opened.
std::vector<MountStep> plan_mounts(const std::vector<spec::Mount>& mounts, const MountContext& context);

// In the child. 0 or -errno.
int attach_mount(int root, const MountStep& step) noexcept;

// In the child: a clone of what `source` names, an O_PATH fd of a file, over `target`. 0 or -errno.
int bind_onto(int source, int target) noexcept;

// Applies attributes and propagation to a mount by its fd. 0 or -errno (-ENOSYS before Linux 5.12). In parent and
// child.
int set_options(int mount, const MountStep& step) noexcept;  // all of the step's
int set_attributes(int mount, const Attributes& attributes, bool recursive) noexcept;
int set_propagation(int mount, const Propagation& propagation) noexcept;

}  // namespace crun::rootfs
