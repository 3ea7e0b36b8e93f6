// linux.intelRdt: shares of cache and memory bandwidth, by the kernel's resctrl file system (config-linux.md
// "IntelRdt"; the kernel's Documentation/filesystems/resctrl.rst).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dir.h"
#include "libcrun/spec/spec.h"

namespace crun::rdt {

enum class Existence { must_exist, may_exist, must_be_new };

// What is done below resctrl's mount point, in this order.
struct Plan {
  std::string group;  // a folder; "" is the default class, the mount point itself
  Existence existence = Existence::must_be_new;
  std::vector<std::string> compared;    // lines that a group which exists already must have
  std::vector<std::string> schemata;    // each for one write to the group's file of that name
  std::string monitoring;               // a group for monitoring alone, below `group`; "" for none
  bool removed_with_container = false;  // group; `monitoring` always is
  bool operator==(const Plan&) const = default;
};

// Pure. id: the container's.
Plan plan(const spec::IntelRdt& wanted, const std::string& id);

// Whether resctrl's file has this line's values: "L3:0=7f0" in "  L3:0=7f0;1=fff\n  MB:0=100\n".
bool has_schema(std::string_view schemata, std::string_view line);

// The mount point, from the text of a mountinfo. Nothing where resctrl is not mounted.
std::optional<std::string> find_mount_point(std::string_view mountinfo);

// Our own. Throws Error{unsupported} where resctrl is not mounted, and how to.
std::string get_mount_point();

// Files that a pid is written to, and folders to remove with the container; all absolute.
struct Group {
  std::vector<std::string> tasks;
  std::vector<std::string> removed;  // in this order
};
Group group_of(const Plan& plan, const std::string& mount_point);

// Makes what the plan asks for. Throws Error{not_found}, Error{exists}, Error{invalid} where an existing group has
// other values, SysError; what was made is removed then.
void make(const Plan& plan, const std::string& mount_point);
// Its two halves: the folders, of which it gives those that it made, and what is written into them.
std::vector<std::string> make_folders(const Plan& plan, const Dir& resctrl);
void write_schemata(const Plan& plan, const Dir& resctrl);

void add(const std::vector<std::string>& tasks, pid_t pid);
// A folder that is gone is no error.
void remove(const std::vector<std::string>& folders);

}  // namespace crun::rdt
