// The options of a mount, as the spec writes them, in the kernel's terms (config-linux.md "Linux mount options").
#pragma once

#include <sys/mount.h>

#include <cstdint>
#include <string>
#include <vector>

namespace crun::rootfs {

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
  bool operator==(const Parameter&) const = default;
};

struct MountOptions {
  bool bind = false;
  bool recursive_bind = false;
  bool remount = false;
  bool copy_up = false;  // tmpcopyup: a tmpfs begins with what it covers
  Attributes top;
  Attributes recursive;  // of the mount and all below it
  std::vector<Propagation> propagation;
  std::vector<Parameter> parameters;
};

// Throws Error{unsupported} for options that are known and cannot be done yet (idmap).
MountOptions parse_mount_options(const std::vector<std::string>& options);

// The names that parse_mount_options() takes for its own, for the features document.
std::vector<std::string> known_mount_options();

}  // namespace crun::rootfs
