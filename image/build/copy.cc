#include "image/build/copy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/file.h"
#include "crun/error.h"
#include "image/build/physical_path.h"
#include "image/build/xattrs.h"

namespace crun::build {
namespace {

constexpr mode_t kPermissions = 07777;

bool is_overlay_whiteout(const struct stat& status) {
  return S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0);
}

void copy_content(int from, int to, const std::string& path) {
  std::vector<char> buffer(size_t{256} << 10);
  for (;;) {
    ssize_t count = read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SysError(errno, "reading " + path);
    if (count == 0) return;
    write_all(to, std::string_view(buffer.data(), static_cast<size_t>(count)), path);
  }
}

void refuse_changed(int fd, const struct stat& before, const std::string& path) {
  struct stat now {};
  if (fstat(fd, &now) != 0) throw SysError(errno, "reading the status of " + path);
  if (now.st_size != before.st_size || now.st_mtim.tv_sec != before.st_mtim.tv_sec ||
      now.st_mtim.tv_nsec != before.st_mtim.tv_nsec) {
    throw Error(ErrorKind::busy, path + " changes while the build reads it");
  }
}

// What is at `name` makes room for something that is no folder.
void make_room(const Dir& folder, const std::string& name, const std::string& path) {
  std::optional<struct stat> there = folder.find_stat(name);
  if (!there) return;
  if (S_ISDIR(there->st_mode)) throw Error(ErrorKind::invalid, path + " would replace a folder of the stage");
  if (unlinkat(folder.fd(), name.c_str(), 0) != 0) throw SysError(errno, "replacing " + path);
}

}  // namespace

Copier::Copier(const Dir& root, const SourceTree& tree, CopyOptions options)
    : root_(root), tree_(tree), options_(options) {
  umask(0);
}

bool Copier::is_folder(const Dir& root, const std::string& destination) {
  return root.find_dir(physical_path(root, destination).path, Resolve::no_symlinks).has_value();
}

Dir make_folders(const Dir& root, const std::string& path, const std::optional<Owner>& owner) {
  Dir folder = root.duplicate();
  for (size_t begin = 0; begin < path.size();) {
    size_t end = std::min(path.find('/', begin), path.size());
    std::string name = path.substr(begin, end - begin);
    bool made = mkdirat(folder.fd(), name.c_str(), 0755) == 0;
    if (!made && errno != EEXIST) throw SysError(errno, "making folder /" + path.substr(0, end));
    try {
      folder = folder.open_dir(name, Resolve::no_symlinks);
    } catch (const SysError& error) {
      if (error.errno_value() != ENOTDIR) throw;
      throw Error(ErrorKind::invalid, "the destination /" + path.substr(0, end) + " is a file, not a folder");
    }
    if (made && owner) checked(fchown(folder.fd(), owner->user, owner->group), "setting a folder's owner");
    begin = end + 1;
  }
  return folder;
}

Copier::Place Copier::place_for_file(const SourceMatch& match, const std::string& destination) {
  std::string path = physical_path(root_, destination).path;
  if (destination.back() == '/' || is_folder(root_, destination))
    return Place{make_folders(root_, path, options_.owner), match.name};
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return Place{root_.duplicate(), path};
  return Place{make_folders(root_, path.substr(0, slash), options_.owner), path.substr(slash + 1)};
}

void Copier::copy(const SourceMatch& match, const std::string& destination) {
  if (match.folder) {
    copy_tree(match, make_folders(root_, physical_path(root_, destination).path, options_.owner));
    return;
  }
  open_.clear();
  Place place = place_for_file(match, destination);
  tree_.walk(match, [&](const SourceEntry& entry) { copy_entry(match, entry, place.folder, place.name); });
}

void Copier::copy_tree(const SourceMatch& match, const Dir& destination) {
  open_.clear();
  first_names_.clear();
  open_.push_back(OpenFolder{"", destination.duplicate(), {}, false});
  tree_.walk(match, [&](const SourceEntry& entry) {
    // The match's own owner, mode and times are not taken: docker copies what is in it.
    if (entry.path.empty()) return;
    size_t slash = entry.path.rfind('/');
    leave_folders(slash == std::string::npos ? "" : entry.path.substr(0, slash));
    std::string name = slash == std::string::npos ? entry.path : entry.path.substr(slash + 1);
    if (S_ISDIR(entry.status.st_mode)) {
      enter_folder(match, entry, open_.back().dir, name);
    } else {
      copy_entry(match, entry, open_.back().dir, name);
    }
  });
  leave_folders("");
}

// A folder's times are set when all that is in it was written.
void Copier::leave_folders(const std::string& path) {
  while (open_.back().path != path) {
    const OpenFolder& folder = open_.back();
    std::array<struct timespec, 2> times = {folder.entry.status.st_atim, folder.entry.status.st_mtim};
    checked(futimens(folder.dir.fd(), times.data()), "setting a folder's times");
    open_.pop_back();
  }
}

void Copier::enter_folder(const SourceMatch& match, const SourceEntry& entry, const Dir& parent,
                          const std::string& name) {
  std::optional<struct stat> there = parent.find_stat(name);
  if (there && !S_ISDIR(there->st_mode)) {
    throw Error(ErrorKind::invalid, "the folder " + entry.path + " would replace a file of the stage");
  }
  if (!there && mkdirat(parent.fd(), name.c_str(), 0700) != 0) throw SysError(errno, "making folder " + entry.path);
  Dir folder = parent.open_dir(name, Resolve::no_symlinks);
  Fd source = open_source(match, entry, O_RDONLY | O_DIRECTORY);
  set_metadata(folder.fd(), entry);
  copy_xattrs(source.get(), folder.fd(), entry.path);
  open_.push_back(OpenFolder{entry.path, std::move(folder), entry, true});
}

Fd Copier::open_source(const SourceMatch& match, const SourceEntry& entry, int flags) {
  return tree_.root().open_at(join_path(match.path, entry.path), flags | O_NOFOLLOW, 0, Resolve::no_symlinks);
}

void Copier::copy_entry(const SourceMatch& match, const SourceEntry& entry, const Dir& folder,
                        const std::string& name) {
  if (is_overlay_whiteout(entry.status)) return;
  std::string path = join_path(match.path, entry.path);
  make_room(folder, name, path);
  if (S_ISREG(entry.status.st_mode)) {
    copy_file(match, entry, folder, name);
    return;
  }
  if (S_ISLNK(entry.status.st_mode)) {
    if (symlinkat(entry.link.c_str(), folder.fd(), name.c_str()) != 0) throw SysError(errno, "making the link " + path);
  } else if (mknodat(folder.fd(), name.c_str(), (entry.status.st_mode & S_IFMT) | 0600, entry.status.st_rdev) != 0) {
    throw SysError(errno, "making the device or pipe " + path);
  }
  Owner owner = options_.owner.value_or(Owner{entry.status.st_uid, entry.status.st_gid});
  checked(fchownat(folder.fd(), name.c_str(), owner.user, owner.group, AT_SYMLINK_NOFOLLOW), "setting an owner");
  if (!S_ISLNK(entry.status.st_mode)) {
    mode_t mode = options_.mode.value_or(entry.status.st_mode & kPermissions);
    checked(fchmodat(folder.fd(), name.c_str(), mode, 0), "setting a mode");
  }
  std::array<struct timespec, 2> times = {entry.status.st_atim, entry.status.st_mtim};
  checked(utimensat(folder.fd(), name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW), "setting times");
}

void Copier::copy_file(const SourceMatch& match, const SourceEntry& entry, const Dir& folder, const std::string& name) {
  std::string path = join_path(match.path, entry.path);
  std::pair<dev_t, ino_t> inode(entry.status.st_dev, entry.status.st_ino);
  bool several_names = entry.status.st_nlink > 1 && !open_.empty();
  auto first = first_names_.find(inode);
  if (several_names && first != first_names_.end()) {
    Dir::Parent old = open_.front().dir.parent_of(first->second, Resolve::no_symlinks);
    if (linkat(old.dir.fd(), old.name.c_str(), folder.fd(), name.c_str(), 0) != 0)
      throw SysError(errno, "linking " + path);
    return;
  }
  Fd source = open_source(match, entry, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  Fd file = folder.open_at(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, Resolve::no_symlinks);
  copy_content(source.get(), file.get(), path);
  refuse_changed(source.get(), entry.status, path);
  set_metadata(file.get(), entry);
  copy_xattrs(source.get(), file.get(), path);
  std::array<struct timespec, 2> times = {entry.status.st_atim, entry.status.st_mtim};
  checked(futimens(file.get(), times.data()), "setting a file's times");
  if (several_names) first_names_[inode] = entry.path;
}

// Owner before mode: chown(2) clears set-id bits.
void Copier::set_metadata(int fd, const SourceEntry& entry) {
  Owner owner = options_.owner.value_or(Owner{entry.status.st_uid, entry.status.st_gid});
  checked(fchown(fd, owner.user, owner.group), "setting an owner");
  checked(fchmod(fd, options_.mode.value_or(entry.status.st_mode & kPermissions)), "setting a mode");
}

void Copier::copy_xattrs(int from, int to, const std::string& path) {
  for (const auto& [name, value] : portable_xattrs(from, path)) {
    if (fsetxattr(to, name.c_str(), value.data(), value.size(), 0) != 0) {
      throw SysError(errno, fmt::format("setting the attribute {} of {}", name, path));
    }
  }
}

}  // namespace crun::build
