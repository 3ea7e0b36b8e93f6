// Makes files below one folder, by descriptors: each name is made in its parent's descriptor, and the parent is opened
// by openat2 from the top. Single-threaded; nobody else works in the tree meanwhile (layers), or whoever does cannot
// lead it out of the tree (ADD).
#pragma once

#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/dir.h"
#include "image/layer/attributes.h"
#include "image/layer/lowers.h"
#include "image/layer/record.h"

namespace crun::layer {

// The tar is no layer of its own: it uses something that only the layers below can have.
struct NeedsParent {
  std::string path;
};

enum class TreeKind {
  layer,    // a new, empty folder; links on the way are refused
  in_place  // a root filesystem that is in use; links on the way are followed within it
};

class TreeWriter {
 public:
  // root, lowers and recorder are borrowed. lowers: null where the tar must stand on its own.
  TreeWriter(const Dir& root, TreeKind kind, const Lowers* lowers, TarRecorder* recorder)
      : root_(root), kind_(kind), lowers_(lowers), recorder_(recorder) {}

  // Where a path of the tar belongs: the same, but that a folder which the layers below have as a link is followed.
  std::string settle(const std::string& path);

  // Each takes a settled path, not "", and replaces what is there, but a folder by a folder.
  void make_folder(const std::string& path, Attributes attributes);
  Fd make_file(const std::string& path, const Attributes& attributes);  // empty; then apply_to_fd(…, file_state(…))
  NewFile file_state(const Attributes& attributes) const;
  void make_symlink(const std::string& path, const std::string& target, const Attributes& attributes);
  void make_node(const std::string& path, mode_t type, dev_t device, const Attributes& attributes);
  // Throws NeedsParent where the target is not here and may be in a layer below.
  void make_hardlink(const std::string& path, const std::string& target);
  void set_top(Attributes attributes);

  // "What the layers below have here is gone": unless this layer has it, which then hides theirs.
  void whiteout(const std::string& path);
  void make_opaque(const std::string& folder);  // "": the top, where overlayfs does not look at the mark

  // Sets the folders' owners, modes and times. Gives what the tar uses and has no entry for, if there is such.
  std::optional<std::string> finish();

 private:
  struct Folder {
    Attributes attributes;
    bool implied = false;
  };
  struct OpenFolder {
    std::string path;
    Fd fd;
  };

  int find_folder(std::string_view path);  // borrowed until the next call; or -errno
  int need_folder(const std::string& path);
  int parent_of(const std::string& path) { return need_folder(std::string(folder_of_path(path))); }
  static std::string_view folder_of_path(std::string_view path);
  void make_implied(const std::string& path);
  // Takes away what is at `path`. True where that was a whiteout.
  bool clear(int parent, const std::string& path);
  void tell_recorder(int folder, const std::string& name, const std::string& path);
  void forget(const std::string& path);
  template <typename Make>
  bool make(const std::string& path, const Make& make_in);  // true: it replaced a whiteout
  bool hidden_from_lowers(const std::string& path);
  void copy_up(const std::string& path);
  std::string follow(const std::string& from, const std::string& link) const;

  const Dir& root_;
  TreeKind kind_;
  const Lowers* lowers_;
  TarRecorder* recorder_;
  std::list<OpenFolder> open_;  // the latest first
  std::map<std::string, Folder> folders_;
  std::set<std::string> whiteouts_;
  Attributes top_;
  std::optional<std::string> completed_;  // what was taken from the layers below
};

}  // namespace crun::layer
