#include "libcrun/rootfs/copy_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/openat2.h"
#include "crun/fd.h"

namespace crun::rootfs {
namespace {

constexpr int kDeepest = 256;  // two descriptors and 5 KiB of stack a level
constexpr uint64_t kResolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
constexpr mode_t kSetIds = S_ISUID | S_ISGID;

struct Entry {
  int from;  // the folders
  int to;
  const char* name;
  struct stat status;
};

bool is_not_given(int error) noexcept { return error == EPERM || error == EINVAL || error == EOPNOTSUPP; }

void copy_attributes(int from, int to, int& error) noexcept {
  char names[4096];
  char value[4096];
  ssize_t length = flistxattr(from, names, sizeof names);
  for (ssize_t at = 0; at < length && error == 0;) {
    const char* name = names + at;
    at += static_cast<ssize_t>(strlen(name)) + 1;
    ssize_t size = fgetxattr(from, name, value, sizeof value);
    // A tmpfs takes no user.* attributes before Linux 6.6.
    if (size >= 0 && fsetxattr(to, name, value, static_cast<size_t>(size), 0) != 0 && !is_not_given(errno)) {
      error = -errno;
    }
  }
}

int copy_status(int from, int to, const struct stat& status) noexcept {
  mode_t mode = status.st_mode & 07777;
  if (fchown(to, status.st_uid, status.st_gid) != 0) {
    if (!is_not_given(errno)) return -errno;
    mode &= ~kSetIds;
  }
  if (fchmod(to, mode) != 0) return -errno;
  int error = 0;
  copy_attributes(from, to, error);
  const timespec times[2] = {status.st_atim, status.st_mtim};
  return error == 0 && futimens(to, times) != 0 ? -errno : error;
}

int copy_file(const Entry& entry) noexcept {
  int source = openat2_raw(entry.from, entry.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, kResolve);
  if (source < 0) return source;
  Fd source_owner(source);
  int target = openat2_raw(entry.to, entry.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, kResolve);
  if (target < 0) return target;
  Fd target_owner(target);
  ssize_t count = 0;
  do {
    count = sendfile(target, source, nullptr, 1 << 20);
  } while (count > 0);
  return count < 0 ? -errno : copy_status(source, target, entry.status);
}

int copy_owner(const Entry& entry) noexcept {
  int result = fchownat(entry.to, entry.name, entry.status.st_uid, entry.status.st_gid, AT_SYMLINK_NOFOLLOW);
  return result == 0 || is_not_given(errno) ? 0 : -errno;
}

int copy_link(const Entry& entry) noexcept {
  char target[PATH_MAX];
  ssize_t length = readlinkat(entry.from, entry.name, target, sizeof target - 1);
  if (length < 0) return -errno;
  target[length] = '\0';
  return symlinkat(target, entry.to, entry.name) == 0 ? copy_owner(entry) : -errno;
}

int copy_node(const Entry& entry) noexcept {
  if (mknodat(entry.to, entry.name, entry.status.st_mode & ~kSetIds, entry.status.st_rdev) == 0)
    return copy_owner(entry);
  return is_not_given(errno) ? 0 : -errno;
}

int copy_folder(int from, int to, int depth) noexcept;

int copy_subfolder(const Entry& entry, int depth) noexcept {
  if (depth >= kDeepest) return -ENAMETOOLONG;
  if (mkdirat(entry.to, entry.name, 0700) != 0) return -errno;
  int from = openat2_raw(entry.from, entry.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, kResolve);
  if (from < 0) return from;
  Fd from_owner(from);
  int to = openat2_raw(entry.to, entry.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, kResolve);
  if (to < 0) return to;
  Fd to_owner(to);
  return copy_folder(from, to, depth + 1);
}

int copy_entry(Entry& entry, int depth) noexcept {
  if (strcmp(entry.name, ".") == 0 || strcmp(entry.name, "..") == 0) return 0;
  if (fstatat(entry.from, entry.name, &entry.status, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT ? 0 : -errno;
  switch (entry.status.st_mode & S_IFMT) {
    case S_IFREG: return copy_file(entry);
    case S_IFLNK: return copy_link(entry);
    case S_IFDIR: return copy_subfolder(entry, depth);
    case S_IFSOCK: return 0;
    default: return copy_node(entry);
  }
}

int copy_folder(int from, int to, int depth) noexcept {
  alignas(dirent64) char buffer[4096];
  ssize_t count = 0;
  while ((count = getdents64(from, buffer, sizeof buffer)) > 0) {
    for (ssize_t at = 0; at < count;) {
      const auto* found = reinterpret_cast<const dirent64*>(buffer + at);
      at += found->d_reclen;
      Entry entry{from, to, found->d_name, {}};
      int error = copy_entry(entry, depth);
      if (error != 0) return error;
    }
  }
  if (count < 0) return -errno;
  struct stat status {};
  return fstat(from, &status) == 0 ? copy_status(from, to, status) : -errno;
}

}  // namespace

int copy_tree(int from, int to) noexcept { return copy_folder(from, to, 0); }

}  // namespace crun::rootfs
