#include "base/dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>

#include "base/file.h"
#include "base/openat2.h"
#include "base/random_id.h"
#include "crun/error.h"

namespace crun {
namespace {

uint64_t resolve_flags(Resolve how) {
  switch (how) {
    case Resolve::in_root: return RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    case Resolve::beneath: return RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    case Resolve::no_symlinks: return RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  }
  throw Error(ErrorKind::internal, "unknown way to resolve a path");
}

// RESOLVE_BENEATH refuses a leading slash; below a Dir it means the Dir.
std::string below(std::string_view path) {
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  return path.empty() ? "." : std::string(path);
}

// A name with a NUL would be cut short by the kernel and mean another file.
void refuse_nul(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) throw Error(ErrorKind::invalid, "path holds a NUL byte");
}

int open_below(int dir, std::string_view path, int flags, mode_t mode, Resolve how) {
  refuse_nul(path);
  return openat2_raw(dir, below(path).c_str(), flags, mode, resolve_flags(how));
}

struct DirStream {
  explicit DirStream(int fd) : stream(fdopendir(fd)) {
    if (stream == nullptr) {
      int error = errno;
      ::close(fd);
      throw SysError(error, "reading a folder");
    }
  }
  DirStream(const DirStream&) = delete;
  DirStream& operator=(const DirStream&) = delete;
  ~DirStream() { closedir(stream); }
  DIR* stream;
};

std::vector<std::string> names_in(int fd) {
  // A descriptor of its own: fdopendir takes it over and moves its offset.
  DirStream entries(checked(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "opening a folder to read it"));
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(entries.stream);
    if (entry == nullptr) break;
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) throw SysError(errno, "reading a folder");
  return names;
}

// Removes one tree by descriptors alone. What lies deeper than kDeepest is first moved up to the tree's top, so that a
// payload's endless chain of folders takes neither our stack nor all our descriptors.
class TreeRemoval {
 public:
  explicit TreeRemoval(dev_t device) : device_(device) {}

  void remove(int parent, const std::string& name, int depth = 0) {
    constexpr int kDeepest = 64;
    if (unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return;
    if (errno != EISDIR && errno != EPERM) return note(errno, name);
    if (depth == kDeepest) return move_up(parent, name);
    Fd folder(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) return note(errno, name);
    struct stat status {};
    if (fstat(folder.get(), &status) != 0) return note(errno, name);
    if (status.st_dev != device_) return note(EXDEV, name);
    remove_entries(folder.get(), depth);
    if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) note(errno, name);
  }

  void throw_first() const {
    if (first_error_ != 0) throw SysError(first_error_, "removing " + first_name_);
  }

 private:
  void remove_entries(int folder, int depth) {
    if (depth == 0) top_ = folder;
    do {
      if (depth == 0) moved_ = false;
      for (const std::string& entry : names_in(folder)) remove(folder, entry, depth + 1);
    } while (depth == 0 && moved_);
  }

  void move_up(int parent, const std::string& name) {
    if (renameat(parent, name.c_str(), top_, random_hex(16).c_str()) != 0) return note(errno, name);
    moved_ = true;
  }

  void note(int error, const std::string& name) {
    if (first_error_ != 0) return;
    first_error_ = error;
    first_name_ = name;
  }

  dev_t device_;
  int top_ = -1;
  bool moved_ = false;
  int first_error_ = 0;
  std::string first_name_;
};

}  // namespace

Dir Dir::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throw SysError(errno, "opening folder " + path);
  return Dir(std::move(fd));
}

Dir Dir::open_or_make(const std::string& path, mode_t mode) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) return Dir(std::move(fd));
  if (errno != ENOENT) throw SysError(errno, "opening folder " + path);
  for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    std::string parent = path.substr(0, slash);
    if (mkdir(parent.c_str(), mode) != 0 && errno != EEXIST) throw SysError(errno, "making folder " + parent);
  }
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) throw SysError(errno, "making folder " + path);
  return open(path);
}

Dir Dir::duplicate() const {
  return Dir(Fd(checked(fcntl(fd(), F_DUPFD_CLOEXEC, 3), "duplicating a folder's descriptor")));
}

Fd Dir::open_at(std::string_view path, int flags, mode_t mode, Resolve how) const {
  int fd = open_below(this->fd(), path, flags, mode, how);
  if (fd < 0) throw SysError(-fd, "opening " + std::string(path));
  return Fd(fd);
}

std::optional<Fd> Dir::find_at(std::string_view path, int flags, Resolve how) const {
  int fd = open_below(this->fd(), path, flags, 0, how);
  if (fd == -ENOENT || fd == -ENOTDIR) return std::nullopt;
  if (fd < 0) throw SysError(-fd, "opening " + std::string(path));
  return Fd(fd);
}

Dir Dir::open_dir(std::string_view path, Resolve how) const {
  return Dir(open_at(path, O_RDONLY | O_DIRECTORY, 0, how));
}

std::optional<Dir> Dir::find_dir(std::string_view path, Resolve how) const {
  std::optional<Fd> fd = find_at(path, O_RDONLY | O_DIRECTORY, how);
  if (!fd) return std::nullopt;
  return Dir(std::move(*fd));
}

Dir Dir::make_dirs(std::string_view path, mode_t mode, Resolve how) const {
  refuse_nul(path);
  std::string all = below(path);
  // Each prefix is opened from the top, so that links and `..` in it are resolved by the kernel within this Dir.
  for (size_t end = all.find('/');; end = all.find('/', end + 1)) {
    std::string prefix = all.substr(0, end);
    if (!prefix.empty() && prefix.back() != '/' && !find_at(prefix, O_PATH, how)) {
      Parent parent = parent_of(prefix, how);
      if (mkdirat(parent.dir.fd(), parent.name.c_str(), mode) != 0 && errno != EEXIST) {
        throw SysError(errno, "making folder " + prefix);
      }
    }
    if (end == std::string::npos) break;
  }
  return open_dir(all, how);
}

Dir::Parent Dir::parent_of(std::string_view path, Resolve how) const {
  std::string all = below(path);
  while (all.size() > 1 && all.back() == '/') all.pop_back();
  size_t slash = all.rfind('/');
  std::string name = slash == std::string::npos ? all : all.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") {
    throw Error(ErrorKind::invalid, "path '" + std::string(path) + "' names no file in a folder");
  }
  refuse_nul(all);
  return Parent{slash == std::string::npos ? duplicate() : open_dir(all.substr(0, slash), how), name};
}

std::optional<struct stat> Dir::find_stat(const std::string& name) const {
  struct stat status {};
  if (fstatat(fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return status;
  if (errno == ENOENT) return std::nullopt;
  throw SysError(errno, "reading the status of " + name);
}

std::vector<std::string> Dir::list() const { return names_in(fd()); }

void Dir::remove_tree(const std::string& name) const {
  struct stat status {};
  checked(fstat(fd(), &status), "reading a folder's status");
  TreeRemoval removal(status.st_dev);
  removal.remove(fd(), name);
  removal.throw_first();
}

std::string Dir::read_file(std::string_view path, size_t limit, Resolve how) const {
  Fd file = open_at(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, how);
  return read_regular(file.get(), limit, path);
}

void Dir::replace_file(const std::string& name, std::string_view content, mode_t mode, bool durable) const {
  std::string temporary = "." + name + "." + random_hex(8);
  Fd file = open_at(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode, Resolve::no_symlinks);
  try {
    write_all(file.get(), content, name);
    if (durable) checked(fdatasync(file.get()), "flushing " + name);
    checked(renameat(fd(), temporary.c_str(), fd(), name.c_str()), "replacing " + name);
  } catch (...) {
    unlinkat(fd(), temporary.c_str(), 0);
    throw;
  }
  if (durable) checked(fsync(fd()), "flushing the folder of " + name);
}

}  // namespace crun
