// A layer's tar becomes a folder for overlayfs (mounted with `userxattr`), or an archive a tree below a folder (ADD).
//
// libarchive reads; every file is made by our own openat2 below the folder that is handed over, so no name and no link
// in the tar can reach out of it. Layer format: OCI image-spec 1.1, layer.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/dir.h"
#include "image/layer/stream.h"

namespace crun::layer {

class TarRecorder;  // image/layer/record.h

// What an archive may cost. Beyond any of them: Error{invalid} that names the entry and its offset.
struct UnpackLimits {
  uint64_t entries = 1 << 20;
  uint64_t bytes = uint64_t{64} << 30;      // of all files, holes counted
  uint64_t free_bytes = uint64_t{1} << 30;  // up to here any ratio is allowed,
  uint64_t ratio = 250;                     // beyond it, this many bytes for each one of the compressed input
  size_t depth = 256;                       // components of a path
  size_t name = 255;
  size_t path = 4095;
};

struct UnpackOptions {
  UnpackLimits limits;
  TarRecorder* recorder = nullptr;  // gets all that is needed to make the same tar again
  // Folders of the layers below, uppermost first (borrowed descriptors): parents and hard link targets that the tar
  // does not hold are taken from there. With `complete` false they are not looked at.
  std::vector<int> lowers;
  bool complete = false;
};

struct UnpackResult {
  std::string diff_id;  // of the whole tar, "sha256:…"
  uint64_t entries = 0;
  uint64_t bytes = 0;  // of all files' content
  uint64_t tar_bytes = 0;
  // False: it uses a folder that it has no entry for, or links to a file that it does not hold; `lacks` is such a path.
  // It belongs to its parent and is keyed by chain id. With `complete` it has been completed; without, it must be
  // unpacked again with it, and diff_id may be empty.
  bool self_contained = true;
  std::string lacks;
  uint64_t skipped_xattrs = 0;  // those that only a host's policy may set (security.selinux, trusted.*)
};

// Unpacks a layer: whiteouts become 0:0 character devices, opaque marks `user.overlay.opaque`; both speak of lower
// layers only, wherever in the tar they stand. root: an empty folder of ours; its own owner, mode and times are set
// from the tar's entry for it, or to 0:0 0755 and 1970. Calls umask(0). Throws Error{invalid} with the entry's name and
// byte offset in the tar; the folder is then half written and is the caller's to remove.
UnpackResult unpack_layer(ByteSource& tar, const Dir& root, const UnpackOptions& options);

struct ExtractOptions {
  UnpackLimits limits;
};
// Unpacks an archive into a tree that is in use already, as `ADD archive.tar /place` does: existing folders are kept,
// links in the tree are followed as chroot(2) would, other existing files replaced; `.wh.` names mean nothing.
// into: folder below `root` (made where missing), from root's top. Calls umask(0).
UnpackResult extract_archive(ByteSource& tar, const Dir& root, std::string_view into, const ExtractOptions& options);

}  // namespace crun::layer
