#include "libcrun/rdt/rdt.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>

#include "base/file.h"
#include "base/rollback.h"
#include "crun/error.h"

namespace crun::rdt {
namespace {

constexpr const char* kSchemata = "schemata";

std::string_view take_until(std::string_view& text, char separator) {
  size_t end = std::min(text.find(separator), text.size());
  std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Masks are written with and without zeros in front, in either case.
bool is_same_value(std::string_view a, std::string_view b) {
  auto without_zeros = [](std::string_view text) {
    text = trimmed(text);
    while (text.size() > 1 && text.front() == '0') text.remove_prefix(1);
    return text;
  };
  a = without_zeros(a);
  b = without_zeros(b);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool has_domain(std::string_view domains, std::string_view id, std::string_view value) {
  while (!domains.empty()) {
    std::string_view given = take_until(domains, ';');
    std::string_view given_id = take_until(given, '=');
    if (trimmed(given_id) == trimmed(id)) return is_same_value(given, value);
  }
  return false;
}

std::string file_in(const std::string& group, const char* name) { return group.empty() ? name : group + "/" + name; }

// What the kernel says of the last change that it refused.
std::string last_status(const Dir& resctrl) {
  std::optional<Fd> file = resctrl.find_at("info/last_cmd_status", O_RDONLY, Resolve::beneath);
  if (!file) return "";
  std::string text = read_to_end(file->get(), 4096, "resctrl's last status");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() || text == "ok" ? "" : " (" + text + ")";
}

void make_folder(const Dir& resctrl, const std::string& path) {
  if (mkdirat(resctrl.fd(), path.c_str(), 0755) != 0) {
    throw SysError(errno, "linux.intelRdt: making " + path + last_status(resctrl));
  }
}

void compare(const Plan& plan, const Dir& resctrl) {
  if (plan.compared.empty()) return;
  Fd file = resctrl.open_at(file_in(plan.group, kSchemata), O_RDONLY, 0, Resolve::beneath);
  std::string schemata = read_to_end(file.get(), 1 << 20, "a resctrl group's schemata");
  for (const std::string& line : plan.compared) {
    if (has_schema(schemata, line)) continue;
    throw Error(ErrorKind::invalid,
                "linux.intelRdt: the class of service " + plan.group + " exists with other values than '" + line + "'");
  }
}

void check_existence(const Plan& plan, bool exists) {
  if (!exists && plan.existence == Existence::must_exist) {
    throw Error(ErrorKind::not_found, "linux.intelRdt.closID: there is no class of service " + plan.group +
                                          ", and no schema to make it with");
  }
  if (exists && plan.existence == Existence::must_be_new) {
    throw Error(ErrorKind::exists, "linux.intelRdt: there is a class of service " + plan.group +
                                       " already; give it as closID, or the container another id");
  }
}

}  // namespace

Plan plan(const spec::IntelRdt& wanted, const std::string& id) {
  Plan result;
  bool has_schemas = !wanted.l3_cache_schema.empty() || !wanted.mem_bw_schema.empty() || !wanted.schemata.empty();
  result.group = wanted.clos_id.empty() ? id : wanted.clos_id == "/" ? "" : wanted.clos_id;
  result.removed_with_container = wanted.clos_id.empty();
  if (!wanted.clos_id.empty()) result.existence = has_schemas ? Existence::may_exist : Existence::must_exist;
  if (result.group.empty()) result.existence = Existence::must_exist;
  std::string first;
  for (const std::string* schema : {&wanted.l3_cache_schema, &wanted.mem_bw_schema}) {
    if (schema->empty()) continue;
    first += *schema + "\n";
    if (!wanted.clos_id.empty()) result.compared.push_back(*schema);
  }
  if (!first.empty()) result.schemata.push_back(first);
  std::string last;
  for (const std::string& line : wanted.schemata) last += line + "\n";
  // A write of its own: the kernel refuses a domain that is twice in one.
  if (!last.empty()) result.schemata.push_back(last);
  if (wanted.enable_monitoring) result.monitoring = file_in(result.group, "mon_groups/") + id;
  return result;
}

bool has_schema(std::string_view schemata, std::string_view line) {
  std::string_view domains = line;
  std::string_view resource = trimmed(take_until(domains, ':'));
  while (!schemata.empty()) {
    std::string_view given = take_until(schemata, '\n');
    if (trimmed(take_until(given, ':')) != resource) continue;
    while (!domains.empty()) {
      std::string_view value = take_until(domains, ';');
      std::string_view id = take_until(value, '=');
      if (!has_domain(given, id, value)) return false;
    }
    return true;
  }
  return false;
}

std::optional<std::string> find_mount_point(std::string_view mountinfo) {
  while (!mountinfo.empty()) {
    std::string_view line = take_until(mountinfo, '\n');
    size_t separator = line.find(" - resctrl ");
    if (separator == std::string_view::npos) continue;
    for (int field = 0; field < 4; ++field) take_until(line, ' ');
    return std::string(take_until(line, ' '));
  }
  return std::nullopt;
}

std::string get_mount_point() {
  std::optional<std::string> found = find_mount_point(read_path("/proc/thread-self/mountinfo"));
  if (found) return *found;
  throw Error(
      ErrorKind::unsupported,
      "linux.intelRdt: no resctrl is mounted; mount -t resctrl resctrl /sys/fs/resctrl, where the machine has it");
}

Group group_of(const Plan& plan, const std::string& mount_point) {
  Group group;
  group.tasks.push_back(mount_point + "/" + file_in(plan.group, "tasks"));
  // A task of a monitoring group must be its class's first (resctrl.rst).
  if (!plan.monitoring.empty()) {
    group.tasks.push_back(mount_point + "/" + plan.monitoring + "/tasks");
    group.removed.push_back(mount_point + "/" + plan.monitoring);
  }
  if (plan.removed_with_container) group.removed.push_back(mount_point + "/" + plan.group);
  return group;
}

std::vector<std::string> make_folders(const Plan& plan, const Dir& resctrl) {
  bool exists = plan.group.empty() || resctrl.find_stat(plan.group).has_value();
  check_existence(plan, exists);
  std::vector<std::string> made;
  Rollback undo;
  if (exists) {
    compare(plan, resctrl);
  } else {
    make_folder(resctrl, plan.group);
    made.push_back(plan.group);
    undo.add([&] { unlinkat(resctrl.fd(), plan.group.c_str(), AT_REMOVEDIR); });
  }
  if (!plan.monitoring.empty()) {
    make_folder(resctrl, plan.monitoring);
    made.push_back(plan.monitoring);
  }
  undo.dismiss();
  return made;
}

void write_schemata(const Plan& plan, const Dir& resctrl) {
  for (const std::string& lines : plan.schemata) {
    Fd file = resctrl.open_at(file_in(plan.group, kSchemata), O_WRONLY, 0, Resolve::beneath);
    if (write(file.get(), lines.data(), lines.size()) < 0) {
      throw SysError(errno,
                     "linux.intelRdt: writing '" + lines.substr(0, lines.size() - 1) + "'" + last_status(resctrl));
    }
  }
}

void make(const Plan& plan, const std::string& mount_point) {
  Dir resctrl = Dir::open(mount_point);
  std::vector<std::string> made = make_folders(plan, resctrl);
  Rollback undo;
  for (const std::string& folder : made) {
    undo.add([&resctrl, folder] { unlinkat(resctrl.fd(), folder.c_str(), AT_REMOVEDIR); });
  }
  write_schemata(plan, resctrl);
  undo.dismiss();
}

void add(const std::vector<std::string>& tasks, pid_t pid) {
  for (const std::string& path : tasks) {
    Fd file(checked(open(path.c_str(), O_WRONLY | O_CLOEXEC), "linux.intelRdt: opening " + path));
    write_all(file.get(), std::to_string(pid), path);
  }
}

void remove(const std::vector<std::string>& folders) {
  for (const std::string& path : folders) {
    if (rmdir(path.c_str()) != 0 && errno != ENOENT) throw SysError(errno, "linux.intelRdt: removing " + path);
  }
}

}  // namespace crun::rdt
