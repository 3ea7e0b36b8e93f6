// A folder by its fd, and every path below it by openat2: no path that a container, an image or a context can influence
// is ever joined as a string.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crun/fd.h"

namespace crun {

// How a path below a Dir is walked (openat2(2)). Magic links of procfs are refused in each.
enum class Resolve {
  in_root,      // as chroot(2) would: `..` stops at the top, absolute links start there
  beneath,      // a path or link that leaves the Dir is an error (EXDEV)
  no_symlinks,  // beneath, and any symlink at all is an error (ELOOP)
};

class Dir {
 public:
  struct Parent;  // of a path that need not exist: the folder that holds it, and its last name

  Dir() = default;
  explicit Dir(Fd fd) noexcept : fd_(std::move(fd)) {}
  // path: a trusted one (ours or the user's own), followed as open(2) does. Throws SysError.
  static Dir open(const std::string& path);
  // The same, made with its missing parents where it does not exist, each with `mode`.
  static Dir open_or_make(const std::string& path, mode_t mode);

  int fd() const noexcept { return fd_.get(); }
  explicit operator bool() const noexcept { return static_cast<bool>(fd_); }
  Fd release() noexcept { return std::move(fd_); }
  Dir duplicate() const;

  // Opens what is at `path`. flags as open(2)'s; mode only with O_CREAT. Throws SysError naming the path.
  Fd open_at(std::string_view path, int flags, mode_t mode = 0, Resolve how = Resolve::in_root) const;
  // The same, but nothing where the path does not exist (ENOENT, ENOTDIR).
  std::optional<Fd> find_at(std::string_view path, int flags, Resolve how = Resolve::in_root) const;
  Dir open_dir(std::string_view path, Resolve how = Resolve::in_root) const;
  std::optional<Dir> find_dir(std::string_view path, Resolve how = Resolve::in_root) const;
  // mkdir -p below this folder; new folders get `mode` less the umask. Gives the last one, opened. Symlinks on the way
  // are walked as `how` says, so nothing is made outside.
  Dir make_dirs(std::string_view path, mode_t mode, Resolve how = Resolve::in_root) const;
  // Splits off the last name and opens the rest. Throws Error{invalid} for "", "/", "." and a last name of "..".
  Parent parent_of(std::string_view path, Resolve how = Resolve::in_root) const;

  // name: one component each. stat_at does not follow a symlink there.
  std::optional<struct stat> find_stat(const std::string& name) const;
  std::vector<std::string> list() const;  // without "." and "..", unsorted
  // Removes `name` and, where it is a folder, all below it. Does not follow links or cross into another mount (EXDEV).
  // What is not there is not an error. Goes on through failures and throws the first.
  void remove_tree(const std::string& name) const;

  std::string read_file(std::string_view path, size_t limit, Resolve how = Resolve::in_root) const;
  // Writes a new file beside the old one and renames it over; durable: fsync of file and folder too.
  void replace_file(const std::string& name, std::string_view content, mode_t mode, bool durable) const;

 private:
  Fd fd_;
};

struct Dir::Parent {
  Dir dir;
  std::string name;
};

}  // namespace crun
