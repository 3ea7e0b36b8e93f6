#include "image/layer/tree_writer.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "base/openat2.h"
#include "crun/error.h"
#include "image/layer/entry_path.h"

namespace crun::layer {
namespace {

constexpr size_t kOpenFolders = 16;
constexpr mode_t kImpliedMode = 0755;

std::string c_name(std::string_view path) { return std::string(name_of(path)); }

}  // namespace

std::string_view TreeWriter::folder_of_path(std::string_view path) { return folder_of(path); }

int TreeWriter::find_folder(std::string_view path) {
  if (path.empty()) return root_.fd();
  for (auto it = open_.begin(); it != open_.end(); ++it) {
    if (it->path != path) continue;
    open_.splice(open_.begin(), open_, it);
    return open_.front().fd.get();
  }
  uint64_t resolve = kind_ == TreeKind::layer ? RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV
                                              : RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  std::string name(path);
  int fd = openat2_raw(root_.fd(), name.c_str(), O_RDONLY | O_DIRECTORY, 0, resolve);
  if (fd < 0) return fd;
  if (open_.size() == kOpenFolders) open_.pop_back();
  open_.push_front({std::move(name), Fd(fd)});
  return fd;
}

int TreeWriter::need_folder(const std::string& path) {
  int fd = find_folder(path);
  if (fd >= 0) return fd;
  if (fd == -ELOOP) throw refused("its path goes through " + printable(path) + ", where there is a symlink");
  if (fd == -ENOENT || (fd == -ENOTDIR && whiteouts_.count(path) != 0)) {
    need_folder(std::string(folder_of(path)));
    make_implied(path);
    fd = find_folder(path);
  }
  if (fd == -ENOTDIR) throw refused("its path goes through " + printable(path) + ", which is no folder");
  if (fd < 0) throw SysError(-fd, "opening folder " + printable(path));
  return fd;
}

void TreeWriter::make_implied(const std::string& path) {
  Attributes attributes;
  attributes.mode = kImpliedMode;
  if (lowers_ != nullptr && !hidden_from_lowers(path)) {
    if (std::optional<Lowers::Found> found = lowers_->find(path); found && S_ISDIR(found->status.st_mode)) {
      Fd folder(openat2_raw(found->parent.get(), found->name.c_str(), O_RDONLY | O_DIRECTORY, 0, RESOLVE_BENEATH));
      attributes = read_attributes(folder.get(), found->status);
    }
  }
  make_folder(path, std::move(attributes));
  folders_[path].implied = true;
}

template <typename Make>
bool TreeWriter::make(const std::string& path, const Make& make_in) {
  std::string name = c_name(path);
  int parent = parent_of(path);
  if (make_in(parent, name.c_str()) == 0) return false;
  if (errno != EEXIST) throw SysError(errno, "making it");
  bool was_whiteout = clear(parent, path);
  parent = parent_of(path);
  if (make_in(parent, name.c_str()) != 0) throw SysError(errno, "making it");
  return was_whiteout;
}

void TreeWriter::make_folder(const std::string& path, Attributes attributes) {
  // Owner's rights are needed until its files are there; set-id bits and default ACLs would pass to them, so those come
  // at the end, with the times.
  mode_t mode = (attributes.mode & 0777) | 0700;
  bool replaced_whiteout = make(path, [&](int parent, const char* name) {
    if (mkdirat(parent, name, mode) == 0) return 0;
    int error = errno;
    struct stat status {};
    if (error == EEXIST && fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode))
      return 0;
    errno = error;
    return -1;
  });
  folders_[path] = Folder{std::move(attributes), false};
  if (replaced_whiteout) make_opaque(path);
}

NewFile TreeWriter::file_state(const Attributes& attributes) const {
  // In a tree in use a folder's set-gid bit or default ACL decides about what is made in it.
  bool ours = kind_ == TreeKind::layer;
  return {ours, ours && (attributes.mode & 07000) == 0};
}

Fd TreeWriter::make_file(const std::string& path, const Attributes& attributes) {
  mode_t mode = file_state(attributes).mode_set ? attributes.mode : 0600;
  Fd file;
  make(path, [&](int parent, const char* name) {
    file.reset(openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    return file ? 0 : -1;
  });
  return file;
}

void TreeWriter::make_symlink(const std::string& path, const std::string& target, const Attributes& attributes) {
  make(path, [&](int parent, const char* name) { return symlinkat(target.c_str(), parent, name); });
  apply_to_name(parent_of(path), c_name(path).c_str(), attributes, file_state(attributes), true);
}

void TreeWriter::make_node(const std::string& path, mode_t type, dev_t device, const Attributes& attributes) {
  make(path,
       [&](int parent, const char* name) { return mknodat(parent, name, type | (attributes.mode & 0777), device); });
  apply_to_name(parent_of(path), c_name(path).c_str(), attributes, file_state(attributes), false);
}

void TreeWriter::make_hardlink(const std::string& path, const std::string& target) {
  if (path == target) throw refused("it is a hard link to itself");
  parent_of(path);
  std::string name = c_name(target);
  int folder = find_folder(folder_of(target));
  if (folder == -ELOOP) throw refused("its target " + printable(target) + " goes through a symlink");
  struct stat status {};
  bool missing = folder < 0 || fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || is_whiteout(status);
  if (missing) {
    if (kind_ == TreeKind::in_place)
      throw refused("it is a hard link to " + printable(target) + ", which does not exist");
    if (lowers_ == nullptr) throw NeedsParent{target};
    copy_up(target);
  } else if (S_ISDIR(status.st_mode)) {
    throw refused("it is a hard link to " + printable(target) + ", which is a folder");
  }
  // A descriptor of its own: making room for the link may close the cached one.
  Dir from = folder_of(target).empty() ? root_.duplicate()
                                       : Dir(Fd(fcntl(find_folder(folder_of(target)), F_DUPFD_CLOEXEC, 3)));
  make(path, [&](int parent, const char* link) { return linkat(from.fd(), name.c_str(), parent, link, 0); });
}

void TreeWriter::set_top(Attributes attributes) { top_ = std::move(attributes); }

bool TreeWriter::clear(int parent, const std::string& path) {
  std::string name = c_name(path);
  struct stat status {};
  if (fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    throw SysError(errno, "looking at what is there");
  if (S_ISDIR(status.st_mode)) {
    tell_recorder(parent, name, path);
    forget(path);
    Dir(Fd(checked(fcntl(find_folder(folder_of(path)), F_DUPFD_CLOEXEC, 3), "duplicating a descriptor")))
        .remove_tree(name);
    return false;
  }
  if (S_ISREG(status.st_mode)) tell_recorder(parent, name, path);
  checked(unlinkat(parent, name.c_str(), 0), "replacing what is there");
  return is_whiteout(status) && whiteouts_.erase(path) != 0;
}

// The content of what goes must stay in the record.
void TreeWriter::tell_recorder(int folder, const std::string& name, const std::string& path) {
  if (recorder_ == nullptr) return;
  Fd fd(openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd) throw SysError(errno, "opening what is to be replaced");
  struct stat status {};
  checked(fstat(fd.get(), &status), "reading a status");
  if (S_ISREG(status.st_mode)) {
    if (recorder_->refers_to(path)) recorder_->superseded(path, fd.get(), static_cast<uint64_t>(status.st_size));
    return;
  }
  Dir inside(std::move(fd));
  for (const std::string& entry : inside.list()) {
    struct stat entry_status {};
    checked(fstatat(inside.fd(), entry.c_str(), &entry_status, AT_SYMLINK_NOFOLLOW), "reading a status");
    if (S_ISDIR(entry_status.st_mode) || S_ISREG(entry_status.st_mode)) {
      tell_recorder(inside.fd(), entry, path + "/" + entry);
    }
  }
}

void TreeWriter::forget(const std::string& path) {
  auto is_below = [&](const std::string& other) {
    return other.size() >= path.size() && other.compare(0, path.size(), path) == 0 &&
           (other.size() == path.size() || other[path.size()] == '/');
  };
  open_.remove_if([&](const OpenFolder& folder) { return is_below(folder.path); });
  auto erase_below = [&](auto& container, auto key_of) {
    for (auto it = container.lower_bound(path);
         it != container.end() && key_of(*it).compare(0, path.size(), path) == 0;) {
      it = is_below(key_of(*it)) ? container.erase(it) : std::next(it);
    }
  };
  erase_below(folders_, [](const auto& item) -> const std::string& { return item.first; });
  erase_below(whiteouts_, [](const auto& item) -> const std::string& { return item; });
}

std::optional<std::string> TreeWriter::finish() {
  std::optional<std::string> lacks = completed_;
  // Children before parents, so that a folder without the right to enter it is closed last.
  for (auto it = folders_.rbegin(); it != folders_.rend(); ++it) {
    if (it->second.implied) lacks = it->first;
    try {
      apply_to_fd(need_folder(it->first), it->second.attributes, {kind_ == TreeKind::layer, false});
    } catch (Error& error) {
      error.add_context("folder " + printable(it->first));
      throw;
    }
  }
  if (kind_ == TreeKind::layer) apply_to_fd(root_.fd(), top_, {true, false});
  open_.clear();
  return lacks;
}

}  // namespace crun::layer
