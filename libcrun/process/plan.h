// All that the child needs, made by the parent before clone3: from then on it only reads. Strings and vectors are the
// parent's, seen through the child's copy of its memory.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "crun/fd.h"
#include "libcrun/ns/namespaces.h"
#include "libcrun/rootfs/root.h"
#include "libcrun/spec/spec.h"

namespace crun::process {

struct Sysctl {
  std::string name;  // as the spec has it: "net.ipv4.ip_forward"
  std::string file;  // below a procfs: "sys/net/ipv4/ip_forward"
  std::string value;
};

struct Plan {
  Fd sync;               // the child's end
  int parent_sync = -1;  // the parent's, to be closed: else its end of file would never come
  bool new_keyring = true;
  bool wait_for_cgroup = false;
  bool tell_namespaces = false;  // somebody runs hooks then
  bool tell_mounted = false;
  bool signals_blocked = false;  // when the program begins

  ns::NamespacePlan namespaces;
  std::string hostname;
  std::string domainname;
  std::vector<Sysctl> sysctls;
  std::optional<rootfs::RootPlan> root;  // absent: the root of the mount namespace that is joined
  bool private_proc = false;             // the stage writes a label through one

  bool terminal = false;
  std::optional<spec::ConsoleSize> console_size;
  uid_t uid = 0;  // who gets the terminal

  std::string initial_affinity;  // cpus of the child until it is in its cgroup; empty: the caller's

  std::array<int, 3> stdio = {-1, -1, -1};
  Fd dev_null;  // for -1
  int preserve_fds = 0;
  Fd start_fifo;  // empty: the sync socket is used
  Fd result_fifo;
  Fd blob;         // the stage's plan
  int stage = -1;  // the stage itself
};

// Numbers that the stage's plan names: the child puts its descriptors there, right above the preserved ones.
struct StageFds {
  int first;
  int sync() const noexcept { return first; }
  int start() const noexcept { return first + 1; }
  int result() const noexcept { return first + 2; }
  int proc() const noexcept { return first + 3; }
  int blob() const noexcept { return first + 4; }
  int end() const noexcept { return first + 5; }
};
inline StageFds stage_fds(int preserve_fds) { return StageFds{3 + preserve_fds}; }

}  // namespace crun::process
