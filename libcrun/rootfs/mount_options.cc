#include "libcrun/rootfs/mount_options.h"

#include <string_view>

#include "crun/error.h"

namespace crun::rootfs {
namespace {

enum class Effect {
  attribute,            // of this mount
  recursive_attribute,  // of it and all below it
  propagation,
  recursive_propagation,
  bind,
  recursive_bind,
  remount,
  copy_up,
  copy_link,
  id_map,
  recursive_id_map,
  superblock,      // told to the file system, by its name; a bind mount has none of its own
  superblock_bit,  // likewise, and mount(2) alone has it
  nothing,
  refused,
};

struct Option {
  std::string_view name;
  Effect effect;
  uint64_t set = 0;    // attributes to set; the kind of propagation; a superblock's flag in mount(2)
  uint64_t clear = 0;  // attributes to clear; a superblock's flag in mount(2) that an earlier option set
};

// Access time is one field of several values, not a bit each: setting one clears the whole field first.
constexpr uint64_t kAccessTime = MOUNT_ATTR__ATIME;

using enum Effect;
constexpr Option kOptions[] = {
    {"defaults", nothing},
    {"ro", attribute, MOUNT_ATTR_RDONLY},
    {"rw", attribute, 0, MOUNT_ATTR_RDONLY},
    {"nosuid", attribute, MOUNT_ATTR_NOSUID},
    {"suid", attribute, 0, MOUNT_ATTR_NOSUID},
    {"nodev", attribute, MOUNT_ATTR_NODEV},
    {"dev", attribute, 0, MOUNT_ATTR_NODEV},
    {"noexec", attribute, MOUNT_ATTR_NOEXEC},
    {"exec", attribute, 0, MOUNT_ATTR_NOEXEC},
    {"nosymfollow", attribute, kNoSymlinkFollow},
    {"symfollow", attribute, 0, kNoSymlinkFollow},
    {"nodiratime", attribute, MOUNT_ATTR_NODIRATIME},
    {"diratime", attribute, 0, MOUNT_ATTR_NODIRATIME},
    {"noatime", attribute, MOUNT_ATTR_NOATIME, kAccessTime},
    {"atime", attribute, MOUNT_ATTR_RELATIME, kAccessTime},
    {"relatime", attribute, MOUNT_ATTR_RELATIME, kAccessTime},
    {"norelatime", attribute, MOUNT_ATTR_RELATIME, kAccessTime},
    {"strictatime", attribute, MOUNT_ATTR_STRICTATIME, kAccessTime},
    {"nostrictatime", attribute, MOUNT_ATTR_RELATIME, kAccessTime},
    {"rro", recursive_attribute, MOUNT_ATTR_RDONLY},
    {"rrw", recursive_attribute, 0, MOUNT_ATTR_RDONLY},
    {"rnosuid", recursive_attribute, MOUNT_ATTR_NOSUID},
    {"rsuid", recursive_attribute, 0, MOUNT_ATTR_NOSUID},
    {"rnodev", recursive_attribute, MOUNT_ATTR_NODEV},
    {"rdev", recursive_attribute, 0, MOUNT_ATTR_NODEV},
    {"rnoexec", recursive_attribute, MOUNT_ATTR_NOEXEC},
    {"rexec", recursive_attribute, 0, MOUNT_ATTR_NOEXEC},
    {"rnosymfollow", recursive_attribute, kNoSymlinkFollow},
    {"rsymfollow", recursive_attribute, 0, kNoSymlinkFollow},
    {"rnodiratime", recursive_attribute, MOUNT_ATTR_NODIRATIME},
    {"rdiratime", recursive_attribute, 0, MOUNT_ATTR_NODIRATIME},
    {"rnoatime", recursive_attribute, MOUNT_ATTR_NOATIME, kAccessTime},
    {"ratime", recursive_attribute, MOUNT_ATTR_RELATIME, kAccessTime},
    {"rrelatime", recursive_attribute, MOUNT_ATTR_RELATIME, kAccessTime},
    {"rnorelatime", recursive_attribute, MOUNT_ATTR_RELATIME, kAccessTime},
    {"rstrictatime", recursive_attribute, MOUNT_ATTR_STRICTATIME, kAccessTime},
    {"rnostrictatime", recursive_attribute, MOUNT_ATTR_RELATIME, kAccessTime},
    {"private", propagation, MS_PRIVATE},
    {"rprivate", recursive_propagation, MS_PRIVATE},
    {"shared", propagation, MS_SHARED},
    {"rshared", recursive_propagation, MS_SHARED},
    {"slave", propagation, MS_SLAVE},
    {"rslave", recursive_propagation, MS_SLAVE},
    {"unbindable", propagation, MS_UNBINDABLE},
    {"runbindable", recursive_propagation, MS_UNBINDABLE},
    {"bind", Effect::bind},
    {"rbind", Effect::recursive_bind},
    {"remount", Effect::remount},
    {"tmpcopyup", Effect::copy_up},
    {"copy-symlink", Effect::copy_link},
    {"idmap", Effect::id_map},
    {"ridmap", recursive_id_map},
    {"sync", superblock, MS_SYNCHRONOUS},
    {"async", superblock, 0, MS_SYNCHRONOUS},
    {"dirsync", superblock, MS_DIRSYNC},
    {"lazytime", superblock, MS_LAZYTIME},
    {"nolazytime", superblock, 0, MS_LAZYTIME},
    {"mand", superblock, MS_MANDLOCK},
    {"nomand", superblock, 0, MS_MANDLOCK},
    {"iversion", superblock_bit, MS_I_VERSION},
    {"noiversion", superblock_bit, 0, MS_I_VERSION},
    {"silent", superblock_bit, MS_SILENT},
    {"loud", superblock_bit, 0, MS_SILENT},
    {"acl", superblock_bit, MS_POSIXACL},
    {"noacl", superblock_bit, 0, MS_POSIXACL},
    {"src-nofollow", refused},
    {"dest-nofollow", refused},
};

const Option* find_option(std::string_view name) {
  for (const Option& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

// A later option wins over an earlier one.
void merge(Attributes& into, const Option& option) {
  into.set &= ~(option.clear | option.set);
  into.clear &= ~option.set;
  into.set |= option.set;
  into.clear |= option.clear;
}

void tell_superblock(const Option& option, MountOptions& result) {
  for (Parameter& earlier : result.parameters) {
    if (earlier.old_flag) *earlier.old_flag &= ~option.clear;
  }
  result.parameters.push_back({std::string(option.name), "", true, option.set});
}

void apply(const Option& option, MountOptions& result) {
  switch (option.effect) {
    case attribute: return merge(result.top, option);
    case recursive_attribute: return merge(result.recursive, option);
    case propagation: result.propagation.push_back({option.set, false}); return;
    case recursive_propagation: result.propagation.push_back({option.set, true}); return;
    case Effect::bind: result.bind = true; return;
    case Effect::recursive_bind: result.bind = result.recursive_bind = true; return;
    case Effect::remount: result.remount = true; return;
    case Effect::copy_up: result.copy_up = true; return;
    case Effect::copy_link: result.copy_link = true; return;
    case Effect::id_map: result.id_map.wanted = true; return;
    case recursive_id_map: result.id_map.wanted = result.id_map.recursive = true; return;
    case superblock: return tell_superblock(option, result);
    case superblock_bit: result.old_flags = (result.old_flags & ~option.clear) | option.set; return;
    case nothing: return;
    case refused:
      throw Error(ErrorKind::unsupported, "mount option '" + std::string(option.name) + "' is not supported");
  }
}

// What only the file system knows; "idmap=" and "ridmap=" carry crun's mappings.
void apply_with_value(const std::string& option, MountOptions& result) {
  size_t equals = option.find('=');
  if (equals == std::string::npos) {
    result.parameters.push_back({option, "", true, std::nullopt});
    return;
  }
  std::string key = option.substr(0, equals);
  const Option* known = find_option(key);
  if (known == nullptr || (known->effect != id_map && known->effect != recursive_id_map)) {
    result.parameters.push_back({std::move(key), option.substr(equals + 1), false, std::nullopt});
    return;
  }
  apply(*known, result);
  result.id_map.mappings = option.substr(equals + 1);
}

}  // namespace

MountOptions parse_mount_options(const std::vector<std::string>& options) {
  MountOptions result;
  for (const std::string& option : options) {
    if (option.empty()) continue;
    if (const Option* known = find_option(option)) {
      apply(*known, result);
    } else {
      apply_with_value(option, result);
    }
  }
  return result;
}

std::vector<std::string> known_mount_options() {
  std::vector<std::string> names;
  for (const Option& option : kOptions) {
    if (option.effect != refused) names.emplace_back(option.name);
  }
  return names;
}

}  // namespace crun::rootfs
