#include "image/build/source_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "image/build/pattern.h"
#include "image/build/physical_path.h"
#include "image/build/stop.h"
#include "image/dockerfile/suggestion.h"

namespace crun::build {
namespace {

constexpr size_t kBetweenStops = 64;  // entries
constexpr size_t kDeepest = 400;      // folders within each other; each is an open descriptor while walking

struct stat status_of(int fd, const std::string& path) {
  struct stat status {};
  if (fstat(fd, &status) != 0) throw SysError(errno, "reading the status of " + path);
  return status;
}

std::vector<std::string> sorted_names(const Dir& folder) {
  std::vector<std::string> names = folder.list();
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    size_t slash = path.find('/');
    parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

// A source word from the tree's top, where `..` ends too: "" is the top.
std::string from_top(const std::string& word) { return clean_path("/" + word).substr(1); }

std::string last_name(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// A part of a word that has no wildcard, its escapes taken away.
std::optional<std::string> literal_part(const std::string& part) {
  std::string result;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '*' || part[i] == '?' || part[i] == '[') return std::nullopt;
    if (part[i] == '\\' && i + 1 < part.size()) ++i;
    result += part[i];
  }
  return result;
}

}  // namespace

// One walk below one match. Folders that are ignored are told of only when something in them is not.
class SourceTree::Walk {
 public:
  Walk(const SourceTree& tree, const SourceMatch& match, const Visit& visit)
      : tree_(tree), match_(match), visit_(visit) {}

  void run() {
    Fd top = tree_.root_.open_at(match_.path, O_PATH | O_NOFOLLOW, 0, Resolve::no_symlinks);
    SourceEntry entry{"", status_of(top.get(), match_.path), ""};
    if (!match_.folder) {
      visit_(entry);
      return;
    }
    IgnoreRules::Decision decision = decide_from_top();
    // The match itself is asked for by name: it is there, whatever the rules say of it.
    visit_(entry);
    walk_folder(tree_.root_.open_dir(match_.path, Resolve::no_symlinks), "", decision.matches, 1);
  }

 private:
  IgnoreRules::Decision decide_from_top() const {
    IgnoreRules::Decision decision;
    if (match_.path.empty()) return decision;
    for (size_t slash = match_.path.find('/');; slash = match_.path.find('/', slash + 1)) {
      decision = tree_.rules_.decide(match_.path.substr(0, slash), decision.matches);
      if (slash == std::string::npos) return decision;
    }
  }

  void walk_folder(const Dir& folder, const std::string& path, const IgnoreRules::Matches& matches, size_t depth) {
    if (depth > kDeepest) {
      throw Error(ErrorKind::invalid, fmt::format("{}: {} is more than {} folders deep", tree_.name_, path, kDeepest));
    }
    for (const std::string& name : sorted_names(folder)) {
      std::optional<struct stat> status = folder.find_stat(name);
      if (!status || S_ISSOCK(status->st_mode)) continue;
      SourceEntry entry{join_path(path, name), *status, ""};
      IgnoreRules::Decision decision;
      if (!tree_.rules_.empty()) decision = tree_.rules_.decide(join_path(match_.path, entry.path), matches);
      if (S_ISDIR(status->st_mode)) {
        enter(folder, name, std::move(entry), decision, depth);
      } else if (!decision.ignored) {
        if (S_ISLNK(status->st_mode)) entry.link = read_link(folder, name);
        tell(entry);
      }
    }
  }

  void enter(const Dir& parent, const std::string& name, SourceEntry entry, const IgnoreRules::Decision& decision,
             size_t depth) {
    if (decision.ignored && !tree_.rules_.has_exceptions()) return;
    Dir folder = parent.open_dir(name, Resolve::no_symlinks);
    std::string path = entry.path;
    size_t held = held_.size();
    if (decision.ignored) {
      held_.push_back(std::move(entry));
    } else {
      tell(entry);
    }
    walk_folder(folder, path, decision.matches, depth + 1);
    if (held_.size() > held) held_.resize(held);
  }

  void tell(const SourceEntry& entry) {
    if (++told_ % kBetweenStops == 0) check_stop(tree_.stop_);
    for (const SourceEntry& folder : held_) visit_(folder);
    held_.clear();
    visit_(entry);
  }

  std::string read_link(const Dir& folder, const std::string& name) const {
    std::string target(4096, '\0');
    ssize_t length = readlinkat(folder.fd(), name.c_str(), target.data(), target.size());
    if (length < 0) throw SysError(errno, "reading the link " + name);
    target.resize(static_cast<size_t>(length));
    return target;
  }

  const SourceTree& tree_;
  const SourceMatch& match_;
  const Visit& visit_;
  size_t told_ = 0;
  std::vector<SourceEntry> held_;  // ignored folders around where we are, not told of yet
};

SourceTree::SourceTree(Dir root, IgnoreRules rules, std::string name, int stop)
    : root_(std::move(root)), rules_(std::move(rules)), name_(std::move(name)), stop_(stop) {}

void SourceTree::walk(const SourceMatch& match, const Visit& visit) const { Walk(*this, match, visit).run(); }

std::vector<SourceMatch> SourceTree::find(const std::string& word) const {
  std::vector<SourceMatch> matches;
  if (!has_wildcard(word)) {
    std::optional<SourceMatch> match = match_of(from_top(word));
    if (!match) throw missing(word);
    matches.push_back(std::move(*match));
    return matches;
  }
  Pattern::path(from_top(word));  // a malformed one is refused even where no name is compared with it
  std::vector<std::string> words;
  expand(split(from_top(word)), words);
  for (const std::string& one : words) {
    std::optional<SourceMatch> match = match_of(one);
    if (match) matches.push_back(std::move(*match));
  }
  if (matches.empty()) throw missing(word);
  return matches;
}

// Replaces wildcards part by part by the names that are there.
void SourceTree::expand(const std::vector<std::string>& parts, std::vector<std::string>& words) const {
  std::vector<std::string> heads = {""};
  for (const std::string& part : parts) {
    std::vector<std::string> next;
    if (std::optional<std::string> literal = literal_part(part)) {
      for (std::string& head : heads) head = join_path(head, *literal);
      continue;
    }
    Pattern pattern = Pattern::path(part);
    for (const std::string& head : heads) {
      std::optional<Dir> folder = root_.find_dir(head.empty() ? "." : head);
      if (!folder) continue;
      for (const std::string& name : sorted_names(*folder)) {
        if (pattern.matches(name)) next.push_back(join_path(head, name));
      }
    }
    heads = std::move(next);
  }
  words = std::move(heads);
}

bool SourceTree::is_hidden(const std::string& path, bool folder) const {
  if (path.empty() || !rules_.ignores(path)) return false;
  if (!folder || !rules_.has_exceptions()) return true;
  // An ignored folder is there where something in it is.
  bool any = false;
  walk(SourceMatch{path, "", true}, [&any](const SourceEntry& entry) { any = any || !entry.path.empty(); });
  return !any;
}

std::optional<SourceMatch> SourceTree::match_of(const std::string& word) const {
  PhysicalPath physical;
  try {
    physical = physical_path(root_, word);
  } catch (const SysError& error) {
    if (error.errno_value() == ENOTDIR) return std::nullopt;
    throw;
  }
  if (!physical.exists) return std::nullopt;
  bool folder = true;
  if (!physical.path.empty()) {
    Fd fd = root_.open_at(physical.path, O_PATH | O_NOFOLLOW, 0, Resolve::no_symlinks);
    folder = S_ISDIR(status_of(fd.get(), physical.path).st_mode);
  }
  if (is_hidden(word, folder) || is_hidden(physical.path, folder)) return std::nullopt;
  return SourceMatch{physical.path, last_name(word), folder};
}

Error SourceTree::missing(const std::string& word) const {
  std::string path = from_top(word);
  std::string hint;
  if (!has_wildcard(word) && !rules_.empty() && rules_.ignores(path) && root_.find_at(path, O_PATH)) {
    hint = ": .dockerignore hides it";
  } else if (!has_wildcard(word)) {
    size_t slash = path.rfind('/');
    std::string parent = slash == std::string::npos ? "." : path.substr(0, slash);
    std::vector<std::string> names;
    if (std::optional<Dir> folder = root_.find_dir(parent)) names = sorted_names(*folder);
    hint = dockerfile::suggestion(last_name(path), {names.begin(), names.end()});
  }
  return Error(ErrorKind::not_found, fmt::format("'{}' is not in {}{}", word, name_, hint));
}

}  // namespace crun::build
