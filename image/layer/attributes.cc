#include "image/layer/attributes.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "crun/error.h"
#include "image/layer/entry_path.h"

namespace crun::layer {
namespace {

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

uint32_t checked_owner(int64_t id, const char* what) {
  // The last one is (uid_t)-1, "leave it as it is" to chown(2).
  if (id < 0 || id >= std::numeric_limits<uint32_t>::max()) {
    throw Error(ErrorKind::invalid, std::string(what) + " id " + std::to_string(id) + " is out of range");
  }
  return static_cast<uint32_t>(id);
}

// What an image may say of a file. The rest (security.selinux, security.ima, trusted.*) is for the host to say.
bool is_portable(std::string_view name) {
  return starts_with(name, "user.") || name == "security.capability" || name == "system.posix_acl_access" ||
         name == "system.posix_acl_default";
}

bool is_overlays_own(std::string_view name) {
  return starts_with(name, "user.overlay.") || starts_with(name, "trusted.overlay.");
}

bool must_chown(const Attributes& attributes, NewFile state) {
  static const uid_t our_user = geteuid();
  static const gid_t our_group = getegid();
  return !state.owner_known || attributes.uid != our_user || attributes.gid != our_group;
}

void set_xattrs(int fd, const std::vector<Xattr>& xattrs) {
  for (const Xattr& xattr : xattrs) {
    if (fsetxattr(fd, xattr.name.c_str(), xattr.value.data(), xattr.value.size(), 0) != 0) {
      throw SysError(errno, "setting xattr " + printable(xattr.name));
    }
  }
}

std::vector<std::string> xattr_names(int fd) {
  std::string list(64 << 10, '\0');
  ssize_t size = flistxattr(fd, list.data(), list.size());
  if (size < 0 && errno == ENOTSUP) return {};
  list.resize(static_cast<size_t>(checked(size, "listing xattrs")));
  std::vector<std::string> names;
  for (size_t start = 0; start < list.size();) {
    std::string name = list.c_str() + start;
    start += name.size() + 1;
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Attributes attributes_of(const TarEntry& entry, uint64_t& skipped) {
  Attributes result;
  result.uid = checked_owner(entry.uid, "user");
  result.gid = checked_owner(entry.gid, "group");
  result.mode = entry.mode;
  result.mtime.tv_sec = entry.seconds;
  result.mtime.tv_nsec = std::clamp(entry.nanoseconds, 0L, 999'999'999L);
  bool may_have = entry.kind == EntryKind::file || entry.kind == EntryKind::folder;
  for (const Xattr& xattr : entry.xattrs) {
    if (is_overlays_own(xattr.name)) {
      throw Error(ErrorKind::invalid, "xattr " + printable(xattr.name) + " would change what overlayfs shows: refused");
    }
    if (may_have && is_portable(xattr.name)) {
      result.xattrs.push_back(xattr);
    } else {
      ++skipped;
    }
  }
  return result;
}

Attributes read_attributes(int fd, const struct stat& status) {
  Attributes result;
  result.uid = status.st_uid;
  result.gid = status.st_gid;
  result.mode = status.st_mode & 07777;
  result.mtime = status.st_mtim;
  for (std::string& name : xattr_names(fd)) {
    if (!is_portable(name) || is_overlays_own(name)) continue;
    std::string value(64 << 10, '\0');
    ssize_t size = fgetxattr(fd, name.c_str(), value.data(), value.size());
    value.resize(static_cast<size_t>(checked(size, "reading an xattr")));
    result.xattrs.push_back({std::move(name), std::move(value)});
  }
  return result;
}

void apply_to_fd(int fd, const Attributes& attributes, NewFile state) {
  bool chowned = must_chown(attributes, state);
  if (chowned) checked(fchown(fd, attributes.uid, attributes.gid), "changing the owner");
  if (!state.mode_set || (chowned && (attributes.mode & 07000) != 0)) {
    checked(fchmod(fd, attributes.mode), "changing the mode");
  }
  set_xattrs(fd, attributes.xattrs);
  timespec times[2] = {attributes.mtime, attributes.mtime};
  checked(futimens(fd, times), "setting times");
}

void apply_to_name(int parent, const char* name, const Attributes& attributes, NewFile state, bool is_link) {
  bool chowned = must_chown(attributes, state);
  if (chowned) {
    checked(fchownat(parent, name, attributes.uid, attributes.gid, AT_SYMLINK_NOFOLLOW), "changing the owner");
  }
  if (!is_link && (!state.mode_set || (chowned && (attributes.mode & 07000) != 0))) {
    checked(fchmodat(parent, name, attributes.mode, 0), "changing the mode");
  }
  timespec times[2] = {attributes.mtime, attributes.mtime};
  checked(utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW), "setting times");
}

}  // namespace crun::layer
