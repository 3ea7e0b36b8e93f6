// The options of a mount, as the spec writes them, in the kernel's terms (config-linux.md "Linux mount options").
#pragma once

#include <sys/mount.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crun::rootfs {

inline constexpr uint64_t kNoSymlinkFollow = 0x00200000;  // MOUNT_ATTR_NOSYMFOLLOW, newer than glibc 2.36

// MOUNT_ATTR_* of mount_setattr(2) to set and to clear; those of `clear` go first.
struct Attributes {
  uint64_t set = 0;
  uint64_t clear = 0;
  bool empty() const noexcept { return (set | clear) == 0; }
  bool operator==(const Attributes&) const = default;
};

// One of MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE.
struct Propagation {
  uint64_t kind = 0;
  bool recursive = false;
  bool operator==(const Propagation&) const = default;
};

// What the file system itself is told (fsconfig(2)); a flag where there is no value.
struct Parameter {
  std::string key;
  std::string value;
  bool is_flag = false;
  // MS_* that stands for it in mount(2), or 0 for "none is set"; absent: it goes with mount(2)'s data.
  std::optional<unsigned long> old_flag;
  bool operator==(const Parameter&) const = default;
};

// A mount whose ids are mapped (mount_setattr(2), MOUNT_ATTR_IDMAP; Linux 5.12).
struct IdMapRequest {
  bool wanted = false;
  bool recursive = false;
  std::string mappings;  // crun's "uids=…;gids=…"; empty: the mount's own, or the container's
};

struct MountOptions {
  bool bind = false;
  bool recursive_bind = false;
  bool remount = false;
  bool copy_up = false;    // tmpcopyup: a tmpfs begins with what it covers
  bool copy_link = false;  // crun's copy-symlink: a source that is a symlink is made anew, not followed
  IdMapRequest id_map;
  Attributes top;
  Attributes recursive;  // of the mount and all below it
  std::vector<Propagation> propagation;
  std::vector<Parameter> parameters;
  unsigned long old_flags = 0;  // MS_* that fsconfig(2) has no word for: such a file system is made by mount(2)
};

// Throws Error{unsupported} for options of other runtimes that this one does not have (src-nofollow, dest-nofollow).
MountOptions parse_mount_options(const std::vector<std::string>& options);

// The names that parse_mount_options() takes for its own, for the features document.
std::vector<std::string> known_mount_options();

}  // namespace crun::rootfs
