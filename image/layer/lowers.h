// What the layers below show at a path, as overlayfs would merge them (Documentation/filesystems/overlayfs.rst):
// whiteouts, opaque folders and non-folders hide what lies further down.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crun/fd.h"

namespace crun::layer {

class Lowers {
 public:
  explicit Lowers(std::vector<int> folders) : folders_(std::move(folders)) {}  // uppermost first, borrowed

  struct Found {
    Fd parent;  // the folder that holds it, in the layer that it comes from
    std::string name;
    struct stat status {};
  };
  // path: without links in it; the last one is not followed either.
  std::optional<Found> find(std::string_view path) const;
  // Names at the top of the merged view.
  std::vector<std::string> top_names() const;

 private:
  std::vector<int> folders_;
};

bool is_whiteout(const struct stat& status);
// folder: its descriptor.
bool is_opaque(int folder);

}  // namespace crun::layer
