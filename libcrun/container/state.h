// A container's folder below the state root, and the record in it.
//
//   <root>/<id>/state         a line of JSON: what it was made from; the spec's text, where one was given; a line,
//                             appended: the process. One file, as each costs as much as a mount on ext4. Locked by
//                             whoever changes the container (fcntl(2), OFD lock)
//   <root>/<id>/start, result fifos, while a process waits for `start` by another process
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/dir.h"
#include "base/file_lock.h"
#include "crun/runtime.h"
#include "libcrun/cgroup/manager.h"
#include "libcrun/process/program.h"
#include "libcrun/rdt/rdt.h"
#include "libcrun/spec/spec.h"

namespace crun::container {

struct Record {
  std::string id;
  std::string bundle;
  std::string rootfs;
  std::string hierarchy;  // where that of cgroup v2 was found; "" for none
  std::string cgroup;     // below it
  std::string unit;       // systemd's for that cgroup; "" where it is ours
  rdt::Group rdt;
  int64_t created_at = 0;
  pid_t pid = 0;
  uint64_t start_time = 0;  // of that pid, in clock ticks since boot (proc_pid_stat(5)): tells it from a later one
  spec::StringMap annotations;
  process::Program program;
  unsigned namespaces = 0;  // ns::namespaces_of
  bool has_hooks = false;   // poststart or poststop: the spec's text has them
  std::string config;       // that text
};

// Throws Error{invalid}.
void check_id(const std::string& id);

class Folder {
 public:
  // Takes the id. Throws Error{exists}.
  static Folder make(const std::string& root, const std::string& id);
  static Folder open(const std::string& root, const std::string& id);  // throws Error{not_found}
  static std::optional<Folder> find(const std::string& root, const std::string& id);
  static std::vector<std::string> ids(const std::string& root);

  const Dir& dir() const noexcept { return dir_; }
  std::string path() const;                        // absolute; for programs that take nothing else
  FileLock lock() const;                           // waits
  void write(const Record& record) const;          // once, without its process
  void replace(const Record& record) const;        // before its process is known
  void write_process(const Record& record) const;  // pid and start_time
  Record read() const;                             // of a maker that was killed at once: the id alone
  bool waits_for_start() const;
  void remove() const;

 private:
  Folder(Dir parent, Dir dir, std::string id) : parent_(std::move(parent)), dir_(std::move(dir)), id_(std::move(id)) {}
  Dir parent_;
  Dir dir_;
  std::string id_;
};

// The hierarchy that the record's cgroup is in; nothing where it has none.
std::optional<cgroup::Hierarchy> hierarchy_of(const Record& record);

cgroup::Place place_of(const Record& record);
// Nothing where it has none, or none any more.
std::optional<cgroup::Cgroup> find_cgroup(const Record& record);
bool is_paused(const Record& record);
// The cgroup of a container that is not stopped. Throws Error{busy}, and Error{unsupported} where it was made without
// one: what: what was wanted of it, "pausing".
cgroup::Cgroup get_cgroup(const Record& record, std::string_view what);

// When a process started, or nothing where it is gone or a zombie.
std::optional<uint64_t> find_start_time(pid_t pid);
// The record's first process by pidfd; nothing where it is gone or a zombie.
std::optional<Fd> find_process(const Record& record);

ContainerStatus status_of(const Folder& folder, const Record& record);

// The state document that hooks get and `state` prints (runtime-spec, "State").
std::string state_document(const Record& record, ContainerStatus status);

}  // namespace crun::container
