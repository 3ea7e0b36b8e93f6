#include "libcrun/rootfs/no_pivot.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace crun::rootfs {
namespace {

std::string_view take_word(std::string_view& line) {
  size_t end = std::min(line.find(' '), line.size());
  std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// proc(5): blanks and backslashes are written as \ooo.
std::string unescaped(std::string_view word) {
  std::string path;
  for (size_t i = 0; i < word.size(); ++i) {
    bool escape = word[i] == '\\' && i + 3 < word.size() && is_octal(word[i + 1]) && is_octal(word[i + 2]) &&
                  is_octal(word[i + 3]);
    if (!escape) {
      path += word[i];
      continue;
    }
    path += static_cast<char>((word[i + 1] - '0') * 64 + (word[i + 2] - '0') * 8 + (word[i + 3] - '0'));
    i += 3;
  }
  return path;
}

bool is_below(std::string_view path, std::string_view folder) {
  if (folder.empty()) return false;
  return path == folder || (path.substr(0, folder.size()) == folder && path[folder.size()] == '/');
}

int hide(const char* path) noexcept {
  if (umount2(path, MNT_DETACH) == 0) return 0;
  if (errno != EINVAL && errno != EPERM) return -errno;
  constexpr unsigned long kFlags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return mount("tmpfs", path, "tmpfs", kFlags, "size=0") == 0 ? 0 : -errno;
}

}  // namespace

std::vector<std::string> kernel_mounts(std::string_view mountinfo, std::string_view root) {
  std::vector<std::string> found;
  while (!mountinfo.empty()) {
    size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    std::string_view line = mountinfo.substr(0, end);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    for (int i = 0; i < 4; ++i) take_word(line);
    std::string path = unescaped(take_word(line));
    while (!line.empty() && take_word(line) != "-") {
    }
    std::string_view type = take_word(line);
    if ((type == "proc" || type == "sysfs") && !is_below(path, root)) found.push_back(std::move(path));
  }
  return found;
}

int move_root(int root, const std::vector<std::string>& hidden) noexcept {
  // The last first: a mount may lie below an earlier one.
  for (auto path = hidden.rbegin(); path != hidden.rend(); ++path) {
    int error = hide(path->c_str());
    if (error != 0) return error;
  }
  if (fchdir(root) != 0) return -errno;
  if (mount(".", "/", nullptr, MS_MOVE, nullptr) != 0) return -errno;
  if (chroot(".") != 0) return -errno;
  return chdir("/") == 0 ? 0 : -errno;
}

}  // namespace crun::rootfs
