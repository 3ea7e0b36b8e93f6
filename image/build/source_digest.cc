#include "image/build/source_digest.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/sysmacros.h>

#include "image/build/physical_path.h"
#include "image/layer/digest.h"

namespace crun::build {
namespace {

Sha256Bytes content_of(const SourceTree& tree, const SourceMatch& match, const SourceEntry& entry, DigestIndex& index) {
  if (std::optional<Sha256Bytes> known = index.find(entry.status)) return *known;
  std::string path = join_path(match.path, entry.path);
  Fd file = tree.root().open_at(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0, Resolve::no_symlinks);
  return index.read(file.get(), entry.status, path);
}

}  // namespace

std::string source_digest(const SourceTree& tree, const std::vector<SourceMatch>& matches, DigestIndex& index) {
  layer::Sha256 hash;
  for (const SourceMatch& match : matches) {
    hash.write(fmt::format("{} {}:{}\n", match.folder ? 'D' : 'F', match.name.size(), match.folder ? "" : match.name));
    tree.walk(match, [&](const SourceEntry& entry) {
      // A folder's own mode is not taken where it is the match: its entries go into the destination.
      if (entry.path.empty() && match.folder) return;
      hash.write(fmt::format("{:o} {}:{} {}:{}\n", entry.status.st_mode, entry.path.size(), entry.path,
                             entry.link.size(), entry.link));
      if (S_ISREG(entry.status.st_mode)) {
        Sha256Bytes content = content_of(tree, match, entry, index);
        hash.write(std::string_view(reinterpret_cast<const char*>(content.data()), content.size()));
      } else if (S_ISCHR(entry.status.st_mode) || S_ISBLK(entry.status.st_mode)) {
        hash.write(fmt::format("{}:{}\n", major(entry.status.st_rdev), minor(entry.status.st_rdev)));
      }
    });
  }
  return hash.digest();
}

}  // namespace crun::build
