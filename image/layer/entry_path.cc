#include "image/layer/entry_path.h"

#include "crun/error.h"

namespace crun::layer {
Error refused(const std::string& reason) { return Error(ErrorKind::invalid, reason); }

std::string checked_path(std::string_view raw, const UnpackLimits& limits) {
  if (raw.empty()) throw refused("it has no name");
  if (raw.front() == '/') throw refused("absolute names are refused");
  std::string path;
  size_t depth = 0;
  for (size_t start = 0; start <= raw.size();) {
    size_t end = std::min(raw.find('/', start), raw.size());
    std::string_view name = raw.substr(start, end - start);
    start = end + 1;
    if (name.empty() || name == ".") continue;
    if (name == "..") throw refused("names with '..' are refused");
    if (name.size() > limits.name)
      throw refused("a name in its path has more than " + std::to_string(limits.name) + " bytes");
    if (++depth > limits.depth) throw refused("its path is deeper than " + std::to_string(limits.depth) + " folders");
    if (!path.empty()) path.push_back('/');
    path.append(name);
    if (path.size() > limits.path) throw refused("its path has more than " + std::to_string(limits.path) + " bytes");
  }
  return path;
}

std::string_view folder_of(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace crun::layer
