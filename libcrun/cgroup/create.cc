#include "libcrun/cgroup/create.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include "crun/error.h"
#include "libcrun/cgroup/files.h"

namespace crun::cgroup {
namespace {

// For `stats`, and for a fork bomb's end: handed down where nothing stands against it.
constexpr std::array<std::string_view, 4> kForStatistics = {"cpu", "io", "memory", "pids"};

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> components(const std::string& path) {
  std::vector<std::string> parts;
  for (size_t start = 1; start <= path.size();) {
    size_t end = std::min(path.find('/', start), path.size());
    parts.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

// True where this call made it. The undoing holds the parent open by a descriptor of its own.
bool make_folder(const Dir& parent, const std::string& name, Rollback& rollback) {
  auto held = std::make_shared<Dir>(parent.duplicate());  // first: what is made can then be undone
  if (mkdirat(parent.fd(), name.c_str(), 0755) != 0) {
    if (errno == EEXIST) return false;
    throw SysError(errno, "making cgroup " + name);
  }
  rollback.add([held, name] { unlinkat(held->fd(), name.c_str(), AT_REMOVEDIR); });
  return true;
}

Dir open_folder(const Dir& parent, const std::string& name) { return parent.open_dir(name, Resolve::no_symlinks); }

// On some 6.x kernels a cgroup that was killed once kills whatever enters it later, so an old one is not used again.
void clear_old(const Dir& parent, const std::string& name, const std::string& path) {
  if (unlinkat(parent.fd(), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return;
  if (errno == EBUSY || errno == ENOTEMPTY) {
    throw Error(ErrorKind::busy,
                "cgroup " + path +
                    " exists and holds processes or cgroups of somebody else; give another cgroupsPath, "
                    "or end them first");
  }
  throw SysError(errno, "replacing cgroup " + path);
}

std::string list(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::string_view word : words) text += (text.empty() ? "" : " ") + std::string(word);
  return text.empty() ? "none" : text;
}

// Which limit asks for the controller, for the error: the one that people give ("memory.limit") before those that
// follow from it.
const std::string& limit_that_needs(std::string_view controller, const Settings& settings) {
  const std::string* found = nullptr;
  for (const Setting& setting : settings) {
    if (setting.controller != controller) continue;
    if (found == nullptr || setting.limit == std::string(controller) + ".limit") found = &setting.limit;
  }
  return *found;
}

std::vector<std::string_view> needed_by(const Settings& settings) {
  std::vector<std::string_view> needed;
  for (const Setting& setting : settings) {
    if (!setting.controller.empty() && !setting.met_without && !contains(needed, setting.controller)) {
      needed.push_back(setting.controller);
    }
  }
  return needed;
}

[[noreturn]] void refuse(std::string_view controller, const Settings& settings, const std::string& text) {
  throw Error(ErrorKind::unsupported, limit_that_needs(controller, settings) + " needs the " + std::string(controller) +
                                          " controller of cgroup v2, " + text);
}

[[noreturn]] void explain(int error, std::string_view controller, const Settings& settings, const std::string& where) {
  if (error == EBUSY) {
    refuse(
        controller, settings,
        "which " + where +
            " cannot hand on while it holds processes itself (cgroups(7), no internal processes); give a cgroupsPath "
            "below another cgroup, or move those processes into a child");
  }
  if (error == EOPNOTSUPP) refuse(controller, settings, "which " + where + " cannot hand on: it is a threaded cgroup");
  throw SysError(error, "handing the " + std::string(controller) + " controller on in cgroup " + where + " for " +
                            limit_that_needs(controller, settings));
}

// Enables in `parent` what its children shall have. where: its path, for errors.
void hand_on(const Dir& parent, const std::string& where, const std::vector<std::string_view>& needed,
             const Settings& settings) {
  std::string available_text = find_content(parent, "cgroup.controllers").value_or("");
  std::string enabled_text = find_content(parent, "cgroup.subtree_control").value_or("");
  std::vector<std::string_view> available = words_in(available_text);
  std::vector<std::string_view> enabled = words_in(enabled_text);
  for (std::string_view controller : needed) {
    if (contains(enabled, controller)) continue;
    if (!contains(available, controller)) {
      refuse(controller, settings,
             "which cgroup " + where + " does not have (it has: " + list(available) +
                 "); a cgroup v1 hierarchy may hold it: boot with cgroup_no_v1=all, or ask for less");
    }
    int error = write_value(parent, "cgroup.subtree_control", "+" + std::string(controller));
    if (error != 0) explain(error, controller, settings, where);
  }
  for (std::string_view controller : kForStatistics) {
    if (!contains(available, controller) || contains(enabled, controller) || contains(needed, controller)) continue;
    // Nobody asked for it: a cgroup that cannot hand it on just has no such statistics.
    if (write_value(parent, "cgroup.subtree_control", "+" + std::string(controller)) == EBUSY) return;
  }
}

bool has_all(const Hierarchy& hierarchy, const Dir& cgroup, const std::vector<std::string_view>& needed) {
  std::string have_text = find_content(cgroup, "cgroup.controllers").value_or("");
  std::vector<std::string_view> have = words_in(have_text);
  if (!std::all_of(needed.begin(), needed.end(), [&](std::string_view c) { return contains(have, c); })) return false;
  std::string all_text = find_content(hierarchy.root(), "cgroup.controllers").value_or("");
  std::vector<std::string_view> all = words_in(all_text);
  return std::all_of(kForStatistics.begin(), kForStatistics.end(),
                     [&](std::string_view c) { return contains(have, c) || !contains(all, c); });
}

void write_setting(const Dir& cgroup, const std::string& path, const Setting& setting) {
  for (const Setting::File& file : setting.files) {
    int error = write_value(cgroup, file.name, file.value);
    if (error == 0) return;
    if (error == ENOENT) continue;
    throw SysError(
        error, "setting " + setting.limit + ": writing '" + file.value + "' to " + file.name + " of cgroup " + path);
  }
  if (setting.met_without) return;
  throw Error(ErrorKind::unsupported,
              setting.limit + " needs the file " + setting.files.back().name +
                  " of cgroup v2, which this kernel does not have" +
                  (setting.controller.empty() ? "" : " in its " + setting.controller + " controller"));
}

}  // namespace

Dir make_folders(const Hierarchy& hierarchy, const std::string& path, Rollback& rollback) {
  std::vector<std::string> parts = components(path);
  Dir parent = hierarchy.root().duplicate();
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    make_folder(parent, parts[i], rollback);
    parent = open_folder(parent, parts[i]);
  }
  if (!make_folder(parent, parts.back(), rollback)) {
    clear_old(parent, parts.back(), path);
    if (!make_folder(parent, parts.back(), rollback)) {
      throw Error(ErrorKind::busy, "cgroup " + path + " was made by somebody else meanwhile");
    }
  }
  return open_folder(parent, parts.back());
}

void hand_controllers_down(const Hierarchy& hierarchy, const std::string& path, const Dir& cgroup,
                           const Settings& settings) {
  std::vector<std::string_view> needed = needed_by(settings);
  if (has_all(hierarchy, cgroup, needed)) return;
  Dir parent = hierarchy.root().duplicate();
  std::string where = "/";
  std::vector<std::string> parts = components(path);
  for (size_t i = 0;; ++i) {
    hand_on(parent, where, needed, settings);
    if (i + 1 >= parts.size()) return;
    parent = open_folder(parent, parts[i]);
    where += (where == "/" ? "" : "/") + parts[i];
  }
}

void write_settings(const Dir& cgroup, const std::string& path, const Settings& settings) {
  for (const Setting& setting : settings) write_setting(cgroup, path, setting);
}

}  // namespace crun::cgroup
