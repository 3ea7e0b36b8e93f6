// .dockerignore: which files of a context are not there for the build.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "image/build/pattern.h"

namespace crun::build {

class IgnoreRules {
 public:
  IgnoreRules() = default;
  // text: the file's. name: for errors. Throws Error{invalid} "<name>:<line>: …".
  static IgnoreRules parse(std::string_view text, std::string_view name);

  // For each pattern, whether it matched a folder or one of those above it: what is below a match is matched too.
  using Matches = std::vector<bool>;

  struct Decision {
    bool ignored = false;
    Matches matches;  // to be given for the folder's entries
  };
  // path: relative to the context's top, clean. parent: the decision's matches for the folder that holds it; empty at
  // the top.
  Decision decide(std::string_view path, const Matches& parent) const;

  // The same where nothing is known of the folders above.
  bool ignores(std::string_view path) const;

  bool empty() const noexcept { return rules_.empty(); }
  // Some rule begins with `!`: an ignored folder may hold files that are not.
  bool has_exceptions() const noexcept { return has_exceptions_; }

 private:
  struct Rule {
    Pattern pattern;
    bool exception = false;
  };
  std::vector<Rule> rules_;
  bool has_exceptions_ = false;
};

// A path without `.`, `..`, double and trailing slashes, as Go's filepath.Clean makes it; "." where nothing is left.
std::string clean_path(std::string_view path);

}  // namespace crun::build
