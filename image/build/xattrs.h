// Extended attributes that a layer may hold (xattr(7)).
#pragma once

#include <map>
#include <string>

namespace crun::build {

// Those that mean something on another host: user.* but overlay's own, and security.capability. Empty where the
// filesystem has none. fd: an open file or folder. path: for errors. Throws SysError.
std::map<std::string, std::string> portable_xattrs(int fd, const std::string& path);

// Overlay's own marks (mounted with userxattr) but that of an opaque folder: they speak of the layers below as they
// were when the folder was an upper one, and a lower folder must not have them.
void remove_overlay_xattrs(int fd, const std::string& path);

// The folder hides what the layers below have at its place.
bool is_opaque(int fd);

}  // namespace crun::build
