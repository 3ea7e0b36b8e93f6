// What COPY and ADD read from: the build's context less what .dockerignore hides, or the root of a stage or an image.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dir.h"
#include "crun/error.h"
#include "image/build/ignore.h"

namespace crun::build {

// One thing that a source word means.
struct SourceMatch {
  std::string path;  // below the tree's root, without symlinks; "" is the root
  std::string
      name;  // what a file is called in a destination folder: the word's own last name, also where that was a link
  bool folder = false;
};

// A file, folder or link below a match.
struct SourceEntry {
  std::string path;  // below the match: "" is the match itself
  struct stat status {};
  std::string link;  // where a symlink leads
};

class SourceTree {
 public:
  // name: for errors ("the build context", "the stage"). stop: a walk ends by Error{busy} once this is readable.
  SourceTree(Dir root, IgnoreRules rules, std::string name, int stop = -1);

  const Dir& root() const noexcept { return root_; }
  const std::string& name() const noexcept { return name_; }

  // The word's matches, by name; a word without wildcards matches one thing. Links are followed, never to outside of
  // the tree. Throws Error{not_found} that names the nearest other name, or says that .dockerignore hides it.
  std::vector<SourceMatch> find(const std::string& word) const;

  // Calls `visit` for the match and, where it is a folder, for all below it: a folder before its entries, names by
  // their bytes. What is ignored is left out, but for folders that hold something that is not. Sockets are left out.
  // Throws SysError, Error{invalid} for a tree too deep.
  using Visit = std::function<void(const SourceEntry&)>;
  void walk(const SourceMatch& match, const Visit& visit) const;

 private:
  class Walk;
  void expand(const std::vector<std::string>& parts, std::vector<std::string>& words) const;
  std::optional<SourceMatch> match_of(const std::string& word) const;
  bool is_hidden(const std::string& path, bool folder) const;
  Error missing(const std::string& word) const;

  Dir root_;
  IgnoreRules rules_;
  std::string name_;
  int stop_;
};

}  // namespace crun::build
