// Roots of containers and build steps: overlays in no mount namespace, so the host has no mount that could leak.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "crun/fd.h"

namespace crun::engine {

// The kernel's bound (fs/overlayfs: OVL_MAX_STACK).
inline constexpr size_t kMostLayers = 500;

struct OverlayLayers {
  std::vector<std::string> lowers;  // absolute folders of our own, uppermost first; at most 500
  std::string upper;                // absolute; empty, with `work`: read-only
  std::string work;                 // absolute, on the filesystem of `upper`, empty
  // Nothing of it is ever flushed to disk: for what is thrown away with the container, or flushed by somebody else.
  // The work folder cannot be used a second time then.
  bool throw_away = false;
};

// A detached mount (fsmount(2)); its fd is the root folder too, for openat2. Attached by move_mount(2), gone with its
// last descriptor and the last namespace that holds it. `userxattr`: one format on disk, rootful and rootless.
// Throws SysError, Error{invalid} for more layers than overlayfs takes.
Fd mount_overlay(const OverlayLayers& layers);

// The two ways there are; mount_overlay takes the first where the kernel has it.
// fsconfig's `lowerdir+`, Linux 6.8. Gives no fd where the kernel does not know it.
Fd mount_overlay_by_fsconfig(const OverlayLayers& layers);
// mount(2) in a short-lived child with a mount namespace of its own, which hands over a clone of its mount (Linux 5.2).
Fd mount_overlay_by_child(const OverlayLayers& layers);

// A detached clone of a folder, with what is mounted below it left out.
Fd clone_folder(const std::string& path, bool read_only);

}  // namespace crun::engine
