#include "image/layer/diff.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <vector>

#include "base/openat2.h"
#include "crun/error.h"
#include "image/layer/attributes.h"
#include "image/layer/digest.h"
#include "image/layer/entry_path.h"
#include "image/layer/lowers.h"
#include "image/layer/tar_writer.h"

namespace crun::layer {
namespace {

constexpr size_t kBuffer = 256 << 10;

Fd open_in(int folder, const std::string& name, int flags) {
  int fd = openat2_raw(folder, name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0,
                       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd < 0) throw SysError(-fd, "opening it");
  return Fd(fd);
}

class Walk {
 public:
  Walk(ByteSink& out, const TarOptions& options, bool measure)
      : tar_(out), options_(options), measure_(measure), buffer_(measure ? 0 : kBuffer) {}

  TarSummary run(const Dir& upper) {
    if (is_opaque(upper.fd())) put_mark(std::string(kOpaqueName));
    folder(upper, "");
    tar_.finish();
    summary_.tar_bytes = tar_.written();
    return summary_;
  }

 private:
  void folder(const Dir& dir, const std::string& prefix) {
    std::vector<std::string> names = dir.list();
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      std::string path = prefix + name;
      try {
        check(path, name);
        entry(dir, name, path);
      } catch (Error& error) {
        if (!named_) error.add_context("writing the tar of a layer: " + printable(path));
        named_ = true;
        throw;
      }
    }
  }

  // What is written must be readable again, by us too.
  void check(const std::string& path, const std::string& name) const {
    static constexpr UnpackLimits kLimits;
    if (name.substr(0, kWhiteoutPrefix.size()) == kWhiteoutPrefix) {
      throw Error(ErrorKind::invalid, "a name that begins with '.wh.' cannot be a file in an image");
    }
    checked_path(path, kLimits);
  }

  void entry(const Dir& dir, const std::string& name, const std::string& path) {
    struct stat status {};
    checked(fstatat(dir.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "reading its status");
    if (S_ISSOCK(status.st_mode)) return;
    if (is_whiteout(status))
      return put_mark(std::string(folder_of(path)).empty()
                          ? std::string(kWhiteoutPrefix) + name
                          : std::string(folder_of(path)) + "/" + std::string(kWhiteoutPrefix) + name);
    if (S_ISDIR(status.st_mode)) return put_folder(dir, name, path, status);
    TarEntry entry = entry_of(status, path);
    if (status.st_nlink > 1) {
      auto [first, is_first] = first_names_.try_emplace({status.st_dev, status.st_ino}, path);
      if (!is_first) {
        entry.kind = EntryKind::hardlink;
        entry.link = first->second;
        entry.device = 0;
        return put(entry);
      }
    }
    if (entry.kind == EntryKind::file) return put_file(dir, name, entry);
    if (entry.kind == EntryKind::symlink) entry.link = read_link(dir, name);
    put(entry);
  }

  void put_folder(const Dir& dir, const std::string& name, const std::string& path, const struct stat& status) {
    Dir inside(open_in(dir.fd(), name, O_RDONLY | O_DIRECTORY));
    TarEntry entry = entry_of(status, path);
    fill(entry, read_attributes(inside.fd(), status));
    put(entry);
    if (is_opaque(inside.fd())) put_mark(path + "/" + std::string(kOpaqueName));
    folder(inside, path + "/");
  }

  void put_file(const Dir& dir, const std::string& name, TarEntry& entry) {
    Fd file = open_in(dir.fd(), name, O_RDONLY);
    struct stat status {};
    checked(fstat(file.get(), &status), "reading its status");
    if (!S_ISREG(status.st_mode)) throw Error(ErrorKind::busy, "it was replaced while it was read");
    entry.size = static_cast<uint64_t>(status.st_size);
    fill(entry, read_attributes(file.get(), status));
    put(entry);
    summary_.bytes += entry.size;
    if (measure_) return tar_.pass_content();
    for (uint64_t left = entry.size; left > 0;) {
      ssize_t got = read(file.get(), buffer_.data(), static_cast<size_t>(std::min<uint64_t>(left, buffer_.size())));
      if (got < 0 && errno == EINTR) continue;
      if (checked(got, "reading it") == 0) throw Error(ErrorKind::busy, "it shrank while it was read");
      std::string_view bytes(buffer_.data(), static_cast<size_t>(got));
      tar_.content(bytes);
      left -= bytes.size();
    }
  }

  TarEntry entry_of(const struct stat& status, const std::string& path) const {
    TarEntry entry;
    entry.path = path;
    entry.mode = status.st_mode & 07777;
    entry.uid = status.st_uid;
    entry.gid = status.st_gid;
    entry.seconds = status.st_mtim.tv_sec;
    if (options_.clamp) entry.seconds = std::min(entry.seconds, *options_.clamp);
    switch (status.st_mode & S_IFMT) {
      case S_IFREG: entry.kind = EntryKind::file; break;
      case S_IFDIR: entry.kind = EntryKind::folder; break;
      case S_IFLNK:
        entry.kind = EntryKind::symlink;
        entry.mode = 0777;
        break;
      case S_IFCHR: entry.kind = EntryKind::char_device; break;
      case S_IFBLK: entry.kind = EntryKind::block_device; break;
      case S_IFIFO: entry.kind = EntryKind::fifo; break;
      default: throw Error(ErrorKind::internal, "unknown kind of file");
    }
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) entry.device = status.st_rdev;
    return entry;
  }

  static void fill(TarEntry& entry, Attributes attributes) { entry.xattrs = std::move(attributes.xattrs); }

  static std::string read_link(const Dir& dir, const std::string& name) {
    std::string target(4096, '\0');
    ssize_t size = readlinkat(dir.fd(), name.c_str(), target.data(), target.size());
    target.resize(static_cast<size_t>(checked(size, "reading a link")));
    return target;
  }

  void put(const TarEntry& entry) {
    tar_.header(entry);
    ++summary_.entries;
  }

  // When something was removed is no part of an image.
  void put_mark(const std::string& path) {
    TarEntry mark;
    mark.kind = EntryKind::file;
    mark.path = path;
    put(mark);
  }

  TarWriter tar_;
  const TarOptions& options_;
  bool measure_;  // only count
  std::vector<char> buffer_;
  std::map<std::pair<dev_t, ino_t>, std::string> first_names_;
  TarSummary summary_;
  bool named_ = false;
};

}  // namespace

TarSummary write_layer_tar(const Dir& upper, ByteSink& out, const TarOptions& options) {
  return Walk(out, options, false).run(upper);
}

uint64_t layer_tar_size(const Dir& upper, const TarOptions& options) {
  struct Nowhere : ByteSink {
    void write(std::string_view) override {}
  } nowhere;
  return Walk(nowhere, options, true).run(upper).tar_bytes;
}

LayerDigest layer_digest(const Dir& upper, const TarOptions& options) {
  Sha256 hash;
  LayerDigest result;
  result.summary = write_layer_tar(upper, hash, options);
  result.diff_id = hash.digest();
  return result;
}

}  // namespace crun::layer
