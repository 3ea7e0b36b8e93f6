// A container's cgroup (v2), by its folder's fd. All of it runs in the parent, before clone3 or after the container has
// started; the child only finds itself in it (CLONE_INTO_CGROUP).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/dir.h"
#include "crun/stats.h"
#include "libcrun/cgroup/hierarchy.h"
#include "libcrun/cgroup/settings.h"
#include "libcrun/spec/spec.h"

namespace crun::cgroup {

class Cgroup {
 public:
  // Makes it with its missing parents, hands the controllers down to it, and writes every limit but that of devices, so
  // that the container starts inside its limits. path: from Hierarchy::container_path. A cgroup that is there already
  // is replaced by a fresh one when it is empty (one that was killed once kills whatever enters it later, on some 6.x
  // kernels), and Error{busy} when it holds processes. Error{unsupported} names limit and controller where the host
  // lacks one. Nothing that this call made is left behind when it throws.
  static Cgroup create(const Hierarchy& hierarchy, const std::string& path, const spec::Resources& resources);

  // One that was made before; nothing where it is gone.
  static std::optional<Cgroup> find(const Hierarchy& hierarchy, const std::string& path);

  int fd() const noexcept { return dir_.fd(); }               // for CLONE_INTO_CGROUP
  const std::string& path() const noexcept { return path_; }  // below the hierarchy's root
  std::string full_path() const { return mount_point_ + path_; }

  // Writes new limits (`update`); what `resources` does not name stays. Refuses as memory.checkBeforeUpdate asks.
  // devices: replaced where there are rules, else left. hierarchy: the one that it is in.
  void update(const Hierarchy& hierarchy, const spec::Resources& resources) const;

  // The files alone, with their controllers handed down: for who has made it (systemd) and knows what to write.
  void write(const Hierarchy& hierarchy, const Settings& settings) const;
  // Device rules, with those that every container has: they replace what was there. Checking and translating a BPF
  // program takes the kernel 0.1 ms, so create() leaves it to be done beside the container's process, which makes no
  // use of a device before its program runs. Error{unsupported} where this host has no device rules and some are asked
  // for.
  void limit_devices(const std::vector<spec::DeviceRule>& rules) const;

  // With the present values of what is not named, where the meaning of a named one depends on them. Throws Error{busy}
  // where memory.checkBeforeUpdate forbids the new limit.
  spec::Resources completed(const spec::Resources& resources) const;

  void add(pid_t pid) const;  // where CLONE_INTO_CGROUP was not to be had

  // Processes in it; `all`: in its children too (a container may make cgroups of its own).
  std::vector<pid_t> processes(bool all) const;
  bool populated() const;  // any living process in it or below

  void freeze() const;  // returns when all stand still; Error{system} after ten seconds
  void thaw() const;
  bool frozen() const;        // also where a cgroup above it is
  bool freeze_asked() const;  // of it itself, done or not

  // SIGKILL to all in it and below. Does not wait. cgroup.kill (Linux 5.14), else a signal loop on a frozen cgroup.
  void kill() const;
  // Any signal to each, once.
  void signal_all(int signal) const;
  // Until nothing lives in it. False when time is up.
  bool wait_empty(std::chrono::milliseconds timeout) const;

  ContainerStats stats() const;
  // Of its processes and those below; nothing where memory is not counted. One file's reading.
  std::optional<uint64_t> oom_kills() const;

  // Kills what is left and removes it with its children. Parents stay: others may be about to use them. What is gone
  // already is not an error. Throws SysError (EBUSY) when time is up.
  static void remove(const Hierarchy& hierarchy, const std::string& path,
                     std::chrono::milliseconds timeout = std::chrono::seconds(10));

 private:
  Cgroup(Dir dir, std::string mount_point, std::string path)
      : dir_(std::move(dir)), mount_point_(std::move(mount_point)), path_(std::move(path)) {}

  // rmdir, children first. Gives 0 or the errno.
  int remove_folders(const Hierarchy& hierarchy) const;

  Dir dir_;
  std::string mount_point_;
  std::string path_;
};

}  // namespace crun::cgroup
