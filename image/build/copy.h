// What COPY writes: sources of one tree below a destination in the stage's root.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/dir.h"
#include "image/build/accounts.h"
#include "image/build/source_tree.h"

namespace crun::build {

struct CopyOptions {
  std::optional<Owner> owner;  // nothing: each file keeps its own
  std::optional<unsigned> mode;
};

// Makes what is missing of `path` below root, 0755 and with `owner` where one is given, and opens it. path: from the
// root's top, without symlinks (physical_path). Throws SysError, Error{invalid} where a part of it is a file.
Dir make_folders(const Dir& root, const std::string& path, const std::optional<Owner>& owner);

// Writes into one root through its mount, one match after the other. Links in the destination's path are followed
// within the root; below it nothing is followed: an entry that is in the way is replaced, but for a folder by a file or
// a file by a folder, which is refused.
class Copier {
 public:
  // root, tree: borrowed. Calls umask(0).
  Copier(const Dir& root, const SourceTree& tree, CopyOptions options);

  // destination: absolute; with a slash at its end, or an existing folder, it takes files by their names; a folder's
  // entries go into it. Folders that are missing are made 0755. Throws SysError, Error{invalid}.
  void copy(const SourceMatch& match, const std::string& destination);

  // Whether `destination` is there and a folder, as copy() would see it.
  static bool is_folder(const Dir& root, const std::string& destination);

 private:
  struct Place {
    Dir folder;
    std::string name;
  };
  Place place_for_file(const SourceMatch& match, const std::string& destination);
  void copy_tree(const SourceMatch& match, const Dir& destination);
  void copy_entry(const SourceMatch& match, const SourceEntry& entry, const Dir& folder, const std::string& name);
  void copy_file(const SourceMatch& match, const SourceEntry& entry, const Dir& folder, const std::string& name);
  void enter_folder(const SourceMatch& match, const SourceEntry& entry, const Dir& parent, const std::string& name);
  void set_metadata(int fd, const SourceEntry& entry);
  void copy_xattrs(int from, int to, const std::string& path);
  Fd open_source(const SourceMatch& match, const SourceEntry& entry, int flags);

  const Dir& root_;
  const SourceTree& tree_;
  CopyOptions options_;
  // Where the first name of a file with several was put, by device and inode: the others become hard links to it.
  std::map<std::pair<dev_t, ino_t>, std::string> first_names_;
  struct OpenFolder {
    std::string path;  // below the match
    Dir dir;
    SourceEntry entry;
    bool set_times = false;
  };
  std::vector<OpenFolder> open_;  // from the destination down to where the walk is
  void leave_folders(const std::string& path);
};

}  // namespace crun::build
