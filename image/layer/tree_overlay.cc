// TreeWriter, what it knows of layers below: whiteouts, opaque folders, and completing a layer from its parents.
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "base/openat2.h"
#include "crun/error.h"
#include "image/layer/entry_path.h"
#include "image/layer/tree_writer.h"

namespace crun::layer {
namespace {

constexpr int kLinkLimit = 40;  // as the kernel's (path_resolution(7))

Fd open_found(const Lowers::Found& found, int flags) {
  int fd = openat2_raw(found.parent.get(), found.name.c_str(), flags, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd < 0) throw SysError(-fd, "opening " + printable(found.name) + " of a lower layer");
  return Fd(fd);
}

std::string read_link(const Lowers::Found& found) {
  std::string target(4096, '\0');
  ssize_t size = readlinkat(found.parent.get(), found.name.c_str(), target.data(), target.size());
  target.resize(static_cast<size_t>(checked(size, "reading a link of a lower layer")));
  return target;
}

void copy_content(int from, int to, uint64_t size) {
  std::string buffer(128 << 10, '\0');
  for (uint64_t done = 0; done < size;) {
    ssize_t got = checked(pread(from, buffer.data(), buffer.size(), static_cast<off_t>(done)), "reading a lower layer");
    if (got == 0) break;
    for (ssize_t put = 0; put < got;) {
      put += checked(pwrite(to, buffer.data() + put, static_cast<size_t>(got - put), static_cast<off_t>(done) + put),
                     "writing a copy of a lower layer's file");
    }
    done += static_cast<uint64_t>(got);
  }
}

std::string join(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

}  // namespace

void TreeWriter::whiteout(const std::string& path) {
  int parent = parent_of(path);
  std::string name(name_of(path));
  if (mknodat(parent, name.c_str(), S_IFCHR, makedev(0, 0)) == 0) {
    whiteouts_.insert(path);
    apply_to_name(parent, name.c_str(), Attributes{}, {true, true}, false);
    return;
  }
  if (errno != EEXIST) throw SysError(errno, "making a whiteout");
  struct stat status {};
  checked(fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "looking at what is there");
  if (S_ISDIR(status.st_mode)) make_opaque(path);
}

void TreeWriter::make_opaque(const std::string& folder) {
  if (!folder.empty()) {
    checked(fsetxattr(need_folder(folder), std::string(kOpaqueXattr).c_str(), "y", 1, 0), "marking a folder opaque");
    return;
  }
  // overlayfs never looks at the mark on a layer's own top: say it name by name.
  if (lowers_ == nullptr) throw NeedsParent{"."};
  completed_ = ".";
  for (const std::string& name : lowers_->top_names()) whiteout(name);
}

bool TreeWriter::hidden_from_lowers(const std::string& path) {
  for (std::string prefix = path; !prefix.empty(); prefix = std::string(folder_of(prefix))) {
    if (whiteouts_.count(prefix) != 0) return true;
    std::string folder(folder_of(prefix));
    int fd = folder.empty() ? -1 : find_folder(folder);
    if (fd >= 0 && is_opaque(fd)) return true;
  }
  return false;
}

// Where `link`, met in folder `from`, leads: as chroot(2) would, `..` stops at the top.
std::string TreeWriter::follow(const std::string& from, const std::string& link) const {
  std::string result = !link.empty() && link.front() == '/' ? "" : from;
  for (size_t start = 0; start <= link.size();) {
    size_t end = std::min(link.find('/', start), link.size());
    std::string_view name = std::string_view(link).substr(start, end - start);
    start = end + 1;
    if (name == "..") {
      result = std::string(folder_of(result));
    } else if (!name.empty() && name != ".") {
      result = join(result, name);
    }
  }
  return result;
}

std::string TreeWriter::settle(const std::string& path) {
  if (lowers_ == nullptr || folder_of(path).empty()) return path;
  std::string folder(folder_of(path));
  std::string done;
  for (int links = 0; !folder.empty();) {
    size_t slash = folder.find('/');
    std::string next = join(done, folder.substr(0, slash));
    std::string rest = slash == std::string::npos ? "" : folder.substr(slash + 1);
    if (find_folder(next) == -ENOENT && !hidden_from_lowers(next)) {
      std::optional<Lowers::Found> found = lowers_->find(next);
      if (found && S_ISLNK(found->status.st_mode)) {
        if (++links > kLinkLimit) throw Error(ErrorKind::invalid, "too many links below its path");
        completed_ = next;
        std::string target = follow(done, read_link(*found));
        folder = rest.empty() ? target : join(target, rest);
        done.clear();
        continue;
      }
    }
    done = next;
    folder = rest;
  }
  return join(done, name_of(path));
}

// A file that only a lower layer has becomes this layer's own, as overlayfs does before it links to it.
void TreeWriter::copy_up(const std::string& path) {
  completed_ = path;
  std::optional<Lowers::Found> found;
  if (!hidden_from_lowers(path)) found = lowers_->find(path);
  if (!found) throw Error(ErrorKind::invalid, "it is a hard link to " + printable(path) + ", which no layer has");
  if (S_ISREG(found->status.st_mode)) {
    Fd from = open_found(*found, O_RDONLY | O_NONBLOCK);
    Attributes attributes = read_attributes(from.get(), found->status);
    Fd to = make_file(path, attributes);
    copy_content(from.get(), to.get(), static_cast<uint64_t>(found->status.st_size));
    apply_to_fd(to.get(), attributes, file_state(attributes));
  } else if (S_ISLNK(found->status.st_mode)) {
    Attributes attributes;
    attributes.uid = found->status.st_uid;
    attributes.gid = found->status.st_gid;
    attributes.mtime = found->status.st_mtim;
    make_symlink(path, read_link(*found), attributes);
  } else {
    throw Error(ErrorKind::invalid, "it is a hard link to " + printable(path) + ", which is neither a file nor a link");
  }
}

}  // namespace crun::layer
