// Owner, mode, xattrs and times of what is unpacked: in this order, for chown(2) clears set-id bits and
// security.capability, and everything but the last sets times.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "image/layer/tar_reader.h"

namespace crun::layer {

struct Attributes {
  uid_t uid = geteuid();  // whoever unpacks: root, but in tests
  gid_t gid = getegid();
  mode_t mode = 0755;
  timespec mtime{};
  std::vector<Xattr> xattrs;
};

// Throws Error{invalid} for an owner beyond 32 bits and for overlay's own xattrs; takes out those that only the host's
// policy may set and adds their number to `skipped`.
Attributes attributes_of(const TarEntry& entry, uint64_t& skipped);
// Of something on disk. fd: open to read.
Attributes read_attributes(int fd, const struct stat& status);

// What a new file has already, so that no call is made that changes nothing.
struct NewFile {
  bool owner_known = true;  // it belongs to this process' user and group
  bool mode_set = true;     // its mode is attributes.mode
};
void apply_to_fd(int fd, const Attributes& attributes, NewFile state);
// Of a link, device or fifo: `name` in `parent`. These get no xattrs (user.* is refused on them by the kernel).
void apply_to_name(int parent, const char* name, const Attributes& attributes, NewFile state, bool is_link);

}  // namespace crun::layer
