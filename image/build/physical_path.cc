#include "image/build/physical_path.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <vector>

#include "crun/error.h"

namespace crun::build {
namespace {

void push_front(std::deque<std::string>& parts, std::string_view path) {
  std::vector<std::string> list;
  while (!path.empty()) {
    size_t slash = path.find('/');
    if (slash != 0) list.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  parts.insert(parts.begin(), list.begin(), list.end());
}

std::string read_link(int fd, std::string_view path) {
  std::string target(4096, '\0');
  ssize_t length = readlinkat(fd, "", target.data(), target.size());
  if (length < 0) throw SysError(errno, "reading the link " + std::string(path));
  target.resize(static_cast<size_t>(length));
  return target;
}

}  // namespace

std::string parent_of(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string join_path(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  if (name.empty()) return std::string(folder);
  return std::string(folder) + "/" + std::string(name);
}

PhysicalPath physical_path(const Dir& root, std::string_view path) {
  constexpr int kMostLinks = 40;  // as the kernel's own limit
  std::deque<std::string> rest;
  push_front(rest, path);
  PhysicalPath result{"", true};
  for (int links = 0; !rest.empty();) {
    std::string name = std::move(rest.front());
    rest.pop_front();
    if (name == ".") continue;
    if (name == "..") {
      result.path = parent_of(result.path);
      continue;
    }
    std::string next = join_path(result.path, name);
    std::optional<Fd> found;
    if (result.exists) found = root.find_at(next, O_PATH | O_NOFOLLOW, Resolve::no_symlinks);
    struct stat status {};
    if (found && fstat(found->get(), &status) != 0) throw SysError(errno, "reading the status of " + next);
    if (found && S_ISLNK(status.st_mode)) {
      if (++links > kMostLinks) throw SysError(ELOOP, "following " + std::string(path));
      std::string target = read_link(found->get(), next);
      if (!target.empty() && target.front() == '/') result.path.clear();
      push_front(rest, target);
      continue;
    }
    if (found && !rest.empty() && !S_ISDIR(status.st_mode)) throw SysError(ENOTDIR, "following " + std::string(path));
    result.path = std::move(next);
    result.exists = found.has_value();
  }
  return result;
}

}  // namespace crun::build
