#include "libcrun/cgroup/cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/log.h"
#include "base/pidfd.h"
#include "base/rollback.h"
#include "crun/error.h"
#include "libcrun/cgroup/create.h"
#include "libcrun/cgroup/devices.h"
#include "libcrun/cgroup/files.h"
#include "libcrun/cgroup/rootless.h"

namespace crun::cgroup {
namespace {

constexpr int64_t kFreezeTimeout = 10000;  // milliseconds

// A cgroup has forty files and seldom a folder; where the kernel does not say (before 4.14), look.
bool has_children(const Dir& cgroup) {
  std::optional<std::string> stat = find_content(cgroup, "cgroup.stat");
  return !stat || value_of(*stat, "nr_descendants").value_or(1) != 0;
}

// Gives 0, also where it is gone already, or the errno.
int remove_folder(const Hierarchy& hierarchy, const std::string& path) {
  return unlinkat(hierarchy.root().fd(), path.c_str() + 1, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : errno;
}

// Calls visit(folder) for the cgroup and each below it, children first. What vanishes meanwhile is passed over.
template <typename Visit>
void for_each_below(const Dir& cgroup, const Visit& visit) {
  if (!has_children(cgroup)) return visit(cgroup);
  for (const std::string& name : cgroup.list()) {
    auto status = cgroup.find_stat(name);
    if (!status || !S_ISDIR(status->st_mode)) continue;
    std::optional<Dir> child = cgroup.find_dir(name, Resolve::no_symlinks);
    if (child) for_each_below(*child, visit);
  }
  visit(cgroup);
}

void add_processes(const Dir& cgroup, std::vector<pid_t>& pids) {
  std::optional<std::string> content = find_content(cgroup, "cgroup.procs");
  if (!content) return;
  for (std::string_view word : words_in(*content)) {
    // 0 is a process of a pid namespace that we do not see into.
    std::optional<uint64_t> pid = number_in(word);
    if (pid && *pid != 0) pids.push_back(static_cast<pid_t>(*pid));
  }
}

// v1's memory.checkBeforeUpdate: the kernel would free memory by killing.
void check_usage(const Dir& cgroup, const spec::Resources& resources) {
  if (!resources.memory || !resources.memory->check_before_update || resources.memory->limit.value_or(0) <= 0) return;
  std::optional<uint64_t> usage = number_in(find_content(cgroup, "memory.current").value_or(""));
  if (usage && *usage > static_cast<uint64_t>(*resources.memory->limit)) {
    throw Error(ErrorKind::busy, "memory.limit " + std::to_string(*resources.memory->limit) + " is below the " +
                                     std::to_string(*usage) + " bytes in use, and memory.checkBeforeUpdate is set");
  }
}

void set_frozen(const Dir& cgroup, const std::string& path, bool frozen) {
  int error = write_value(cgroup, "cgroup.freeze", frozen ? "1" : "0");
  std::string what = (frozen ? "freezing cgroup " : "thawing cgroup ") + path;
  if (error == ENOENT) throw Error(ErrorKind::unsupported, what + ": this kernel has no cgroup.freeze (Linux 5.2)");
  if (error != 0) throw SysError(error, what);
  if (!wait_for_event(cgroup, "frozen", frozen ? 1 : 0, kFreezeTimeout)) {
    throw Error(ErrorKind::system, what + ": not done after ten seconds; a process in it cannot be stopped");
  }
}

}  // namespace

Cgroup Cgroup::create(const Hierarchy& hierarchy, const std::string& path, const spec::Resources& resources) {
  Settings wanted = settings(resources);
  Rollback rollback;
  Dir dir = make_folders(hierarchy, path, rollback);
  Cgroup cgroup(std::move(dir), hierarchy.mount_point(), path);
  cgroup.write(hierarchy, wanted);
  rollback.dismiss();
  return cgroup;
}

void Cgroup::write(const Hierarchy& hierarchy, const Settings& settings) const {
  hand_controllers_down(hierarchy, path_, dir_, settings);
  write_settings(dir_, path_, settings);
}

void Cgroup::limit_devices(const std::vector<spec::DeviceRule>& rules) const {
  std::vector<bpf_insn> program = device_program(with_default_devices(rules));
  if (program.empty()) return;
  try {
    attach_device_program(dir_.fd(), program);
  } catch (SysError& error) {
    // Who is not root of the machine can make no device and open those alone that anybody may.
    if (error.errno_value() == EPERM && is_rootless()) return;
    // Nobody asked for rules: the container has none, as it would have none on another runtime.
    if (rules.empty()) return log_warning("the container may use every device: " + error.text());
    throw Error(ErrorKind::unsupported,
                "resources.devices needs device rules by BPF (CONFIG_CGROUP_BPF and CAP_SYS_ADMIN): " + error.text());
  }
}

std::optional<Cgroup> Cgroup::find(const Hierarchy& hierarchy, const std::string& path) {
  std::optional<Dir> dir = hierarchy.root().find_dir(path, Resolve::no_symlinks);
  if (!dir) return std::nullopt;
  return Cgroup(std::move(*dir), hierarchy.mount_point(), path);
}

// A new period alone must not lift the quota (cpu.max takes both or the quota alone), and swap is counted with memory.
spec::Resources Cgroup::completed(const spec::Resources& resources) const {
  check_usage(dir_, resources);
  spec::Resources result = resources;
  auto present = [&](const char* file) {
    std::string content = find_content(dir_, file).value_or("");
    std::vector<std::string_view> words = words_in(content);
    std::optional<uint64_t> number = words.empty() ? std::nullopt : number_in(words[0]);
    return number ? std::optional<int64_t>(*number) : std::nullopt;
  };
  if (result.cpu && result.cpu->period && !result.cpu->quota) result.cpu->quota = present("cpu.max");
  if (result.memory && result.memory->swap.value_or(0) > 0 && !result.memory->limit) {
    result.memory->limit = present("memory.max");
  }
  return result;
}

void Cgroup::update(const Hierarchy& hierarchy, const spec::Resources& resources) const {
  Settings wanted = settings(completed(resources));
  hand_controllers_down(hierarchy, path_, dir_, wanted);
  write_settings(dir_, path_, wanted);
  if (!resources.devices.empty()) limit_devices(resources.devices);
}

void Cgroup::add(pid_t pid) const {
  int error = write_value(dir_, "cgroup.procs", std::to_string(pid));
  if (error != 0) throw SysError(error, "moving process " + std::to_string(pid) + " into cgroup " + path_);
}

std::vector<pid_t> Cgroup::processes(bool all) const {
  std::vector<pid_t> pids;
  if (all) {
    for_each_below(dir_, [&](const Dir& cgroup) { add_processes(cgroup, pids); });
  } else {
    add_processes(dir_, pids);
  }
  return pids;
}

bool Cgroup::populated() const {
  std::optional<std::string> events = find_content(dir_, "cgroup.events");
  return events && value_of(*events, "populated") == 1;
}

void Cgroup::freeze() const { set_frozen(dir_, path_, true); }
void Cgroup::thaw() const { set_frozen(dir_, path_, false); }

bool Cgroup::frozen() const {
  // cgroup.freeze says what was asked for, cgroup.events what is: a process may still be on its way.
  std::optional<std::string> events = find_content(dir_, "cgroup.events");
  return events && value_of(*events, "frozen") == 1;
}

bool Cgroup::freeze_asked() const { return number_in(find_content(dir_, "cgroup.freeze").value_or("")) == 1; }

void Cgroup::kill() const {
  int error = write_value(dir_, "cgroup.kill", "1");
  if (error == 0 || error == ENODEV) return;
  if (error != ENOENT && error != EOPNOTSUPP) throw SysError(error, "killing cgroup " + path_);
  if (!populated()) return;
  // Frozen processes do not fork, and die of SIGKILL all the same.
  signal_all(SIGKILL);
}

void Cgroup::signal_all(int signal) const {
  bool was_frozen = frozen();
  if (!was_frozen) freeze();
  for (pid_t pid : processes(true)) {
    Fd pidfd(pidfd_open(pid, 0));
    if (pidfd) pidfd_send_signal(pidfd.get(), signal, nullptr, 0);
  }
  if (!was_frozen) thaw();
}

bool Cgroup::wait_empty(std::chrono::milliseconds timeout) const {
  return wait_for_event(dir_, "populated", 0, timeout.count());
}

void Cgroup::remove(const Hierarchy& hierarchy, const std::string& path, std::chrono::milliseconds timeout) {
  // The usual end: nothing lives in it and it has no children, so there is nothing to look at (150 us less).
  if (remove_folder(hierarchy, path) == 0) return;
  auto deadline = std::chrono::steady_clock::now() + timeout;
  std::optional<Cgroup> cgroup = find(hierarchy, path);
  if (!cgroup) return;
  if (cgroup->populated()) cgroup->kill();
  for (;;) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    cgroup->wait_empty(std::max(left, std::chrono::milliseconds(0)));
    int error = cgroup->remove_folders(hierarchy);
    if (error == 0) return;
    if (error != EBUSY || left.count() <= 0) throw SysError(error, "removing cgroup " + path);
    // Populated again, or the kernel is still letting go of the dead: neither tells when it is over.
    usleep(1000);
    if (cgroup->populated()) cgroup->kill();
  }
}

int Cgroup::remove_folders(const Hierarchy& hierarchy) const {
  if (has_children(dir_)) {
    for (const std::string& name : dir_.list()) {
      auto status = dir_.find_stat(name);
      if (!status || !S_ISDIR(status->st_mode)) continue;
      std::optional<Cgroup> child = find(hierarchy, path_ + "/" + name);
      int error = child ? child->remove_folders(hierarchy) : 0;
      if (error != 0) return error;
    }
  }
  return remove_folder(hierarchy, path_);
}

}  // namespace crun::cgroup
