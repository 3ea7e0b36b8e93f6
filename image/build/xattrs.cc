#include "image/build/xattrs.h"

#include <sys/xattr.h>

#include <cerrno>
#include <string_view>
#include <vector>

#include "crun/error.h"

namespace crun::build {
namespace {

constexpr std::string_view kOverlay = "user.overlay.";
constexpr std::string_view kOpaque = "user.overlay.opaque";

bool begins(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

std::vector<std::string> names_of(int fd, const std::string& path) {
  std::string list(256, '\0');
  ssize_t length = flistxattr(fd, list.data(), list.size());
  if (length < 0 && errno == ERANGE) {
    list.resize(65536);  // the kernel's own limit, XATTR_LIST_MAX
    length = flistxattr(fd, list.data(), list.size());
  }
  if (length < 0 && errno == ENOTSUP) return {};
  if (length < 0) throw SysError(errno, "listing the attributes of " + path);
  list.resize(static_cast<size_t>(length));
  std::vector<std::string> names;
  for (size_t at = 0; at < list.size(); at = list.find('\0', at) + 1) names.emplace_back(list.c_str() + at);
  return names;
}

}  // namespace

std::map<std::string, std::string> portable_xattrs(int fd, const std::string& path) {
  std::map<std::string, std::string> result;
  for (const std::string& name : names_of(fd, path)) {
    bool portable = (begins(name, "user.") && !begins(name, kOverlay)) || name == "security.capability";
    if (!portable) continue;
    std::string value(65536, '\0');  // XATTR_SIZE_MAX
    ssize_t length = fgetxattr(fd, name.c_str(), value.data(), value.size());
    if (length < 0 && errno == ENODATA) continue;
    if (length < 0) throw SysError(errno, "reading the attribute " + name + " of " + path);
    value.resize(static_cast<size_t>(length));
    result[name] = std::move(value);
  }
  return result;
}

void remove_overlay_xattrs(int fd, const std::string& path) {
  for (const std::string& name : names_of(fd, path)) {
    if (!begins(name, kOverlay) || name == kOpaque) continue;
    if (fremovexattr(fd, name.c_str()) != 0 && errno != ENODATA) {
      throw SysError(errno, "removing the attribute " + name + " of " + path);
    }
  }
}

bool is_opaque(int fd) {
  char value = 0;
  return fgetxattr(fd, std::string(kOpaque).c_str(), &value, 1) == 1 && value == 'y';
}

}  // namespace crun::build
