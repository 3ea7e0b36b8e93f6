#include "libcrun/rootfs/target.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/openat2.h"

namespace crun::rootfs {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel's own (path_resolution(7))

uint64_t resolve_flags(bool no_symlinks) {
  return RESOLVE_IN_ROOT | (no_symlinks ? RESOLVE_NO_SYMLINKS : RESOLVE_NO_MAGICLINKS);
}

// A path being walked; longer ones than PATH_MAX are refused by the kernel anyway.
struct PathBuffer {
  char text[PATH_MAX];
  size_t length = 0;

  int assign(const char* path) noexcept {
    length = strlen(path);
    if (length >= sizeof text) return -ENAMETOOLONG;
    memcpy(text, path, length + 1);
    return 0;
  }
};

class Maker {
 public:
  Maker(int root, const TargetRequest& request) noexcept : root_(root), request_(request) {}

  int run() noexcept {
    int error = path_.assign(request_.path);
    if (error != 0) return error;
    // The usual case first: the last name alone is missing.
    size_t last = last_end();
    if (last > 0 && make(last) == 0) return open_target(root_, path_.text, request_.no_symlinks);
    // Each name from the top: what is there is passed, what is not is made; the kernel resolves each prefix anew,
    // within the root.
    for (size_t end = next_end(0); end > 0; end = next_end(end)) {
      error = ensure(end);
      if (error == kStartAgain) {
        end = 0;
        continue;
      }
      if (error != 0) return error;
    }
    return open_target(root_, path_.text, request_.no_symlinks);
  }

 private:
  static constexpr int kStartAgain = 1;

  // The end of the name after `from`; 0 behind the last.
  size_t next_end(size_t from) const noexcept {
    size_t begin = from;
    while (path_.text[begin] == '/') ++begin;
    if (path_.text[begin] == '\0') return 0;
    size_t end = begin;
    while (path_.text[end] != '/' && path_.text[end] != '\0') ++end;
    return end;
  }

  size_t last_end() const noexcept {
    size_t end = 0;
    for (size_t next = next_end(0); next > 0; next = next_end(next)) end = next;
    return end;
  }

  bool is_last(size_t end) const noexcept { return next_end(end) == 0; }

  int ensure(size_t end) noexcept {
    char kept = path_.text[end];
    path_.text[end] = '\0';
    int fd = openat2_raw(root_, path_.text, O_PATH, 0, resolve_flags(request_.no_symlinks));
    path_.text[end] = kept;
    if (fd >= 0) {
      close(fd);
      return 0;
    }
    if (fd != -ENOENT) return fd;
    return make(end);
  }

  int make(size_t end) noexcept {
    size_t begin = end;
    while (begin > 0 && path_.text[begin - 1] != '/') --begin;
    char name[NAME_MAX + 1];
    size_t name_length = end - begin;
    if (name_length > NAME_MAX) return -ENAMETOOLONG;
    memcpy(name, path_.text + begin, name_length);
    name[name_length] = '\0';
    int parent = open_parent(begin);
    if (parent < 0) return parent;
    bool file = request_.kind == TargetKind::file && is_last(end);
    int result = file ? make_file(parent, name) : mkdirat(parent, name, 0755);
    if (result != 0 && !file) result = -errno;
    if (result == -EEXIST) result = follow_dangling(parent, name, begin, end);
    close(parent);
    return result;
  }

  static int make_file(int parent, const char* name) noexcept {
    int fd = openat2_raw(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644, RESOLVE_BENEATH);
    if (fd < 0) return fd;
    close(fd);
    return 0;
  }

  int open_parent(size_t begin) noexcept {
    char kept = path_.text[begin];
    path_.text[begin] = '\0';
    const char* parent = begin == 0 ? "." : path_.text;
    int fd = openat2_raw(root_, parent, O_PATH | O_DIRECTORY, 0, resolve_flags(request_.no_symlinks));
    path_.text[begin] = kept;
    return fd;
  }

  // It did not exist and it does: a symlink to nothing (its target takes its place in the path), or somebody else made
  // it just now.
  int follow_dangling(int parent, const char* name, size_t begin, size_t end) noexcept {
    if (++links_ > kMaxLinks) return -ELOOP;
    char link[PATH_MAX];
    ssize_t length = readlinkat(parent, name, link, sizeof link);
    if (length < 0) return errno == EINVAL ? kStartAgain : -errno;
    size_t tail = path_.length - end;
    bool absolute = length > 0 && link[0] == '/';
    size_t head = absolute ? 0 : begin;
    if (head + static_cast<size_t>(length) + tail >= sizeof path_.text) return -ENAMETOOLONG;
    memmove(path_.text + head + length, path_.text + end, tail + 1);
    memcpy(path_.text + head, link, static_cast<size_t>(length));
    path_.length = head + static_cast<size_t>(length) + tail;
    return kStartAgain;
  }

  int root_;
  const TargetRequest& request_;
  PathBuffer path_;
  int links_ = 0;
};

}  // namespace

int open_target(int root, const char* path, bool no_symlinks) noexcept {
  return openat2_raw(root, path, O_PATH, 0, resolve_flags(no_symlinks));
}

int open_or_make_target(int root, const TargetRequest& request) noexcept {
  int fd = open_target(root, request.path, request.no_symlinks);
  if (fd != -ENOENT) return fd;
  return Maker(root, request).run();
}

}  // namespace crun::rootfs
