// What a container's first process (init.cc) and one that joins it (join.cc) do. From clone3 to execve: nothing is
// allocated, locked or thrown, no name service is asked; every function gives 0 or -errno.
#pragma once

#include "libcrun/process/plan.h"
#include "libcrun/process/sync.h"

namespace crun::process {

[[noreturn]] void run_init(const Plan& plan) noexcept;  // the whole order of a container's start
[[noreturn]] void run_join(const Plan& plan) noexcept;  // the same for exec
// Joins what the plan says and clones the child there, which runs `main`.
[[noreturn]] void run_entry(const Plan& plan, void (*main)(const Plan&) noexcept) noexcept;

// Takes each step's result; the first failure is told to the parent, and ends the child.
class Steps {
 public:
  explicit Steps(const Plan& plan) noexcept : socket_(plan.sync.get()) {}

  void step(Step step, int result, int index = -1) noexcept {
    if (result < 0) fail(step, result, index);
  }
  template <typename List, typename Act>
  void each(Step what, const List& list, Act act) noexcept {
    int index = 0;
    for (const auto& item : list) step(what, act(item), index++);
  }
  // The protocol's end, for the one that moves it.
  int& socket() noexcept { return socket_; }
  // Tells the parent how far it is and waits until that has done its part.
  void rendezvous(MessageType type) noexcept;

 private:
  [[noreturn]] void fail(Step step, int error, int index) noexcept;
  int socket_;
};

// The steps that are of this room; those of mounts and namespaces are in rootfs/ and ns/.
int guard(const Plan& plan) noexcept;  // dies with its parent, and nobody may look into it
// The same but that its parent may look into it, until that has given it its ids, limits and oom score: else a parent
// without root's rights could not.
int wait_for_ids(const Plan& plan) noexcept;
int reset_signals(bool blocked) noexcept;
int new_session() noexcept;
int set_hostname(const std::string& name) noexcept;
int set_domainname(const std::string& name) noexcept;
int open_private_proc(int& proc) noexcept;  // a procfs of our own, attached nowhere
int write_sysctl(int proc, const Sysctl& sysctl) noexcept;
int make_cwd(int root, const std::string& cwd) noexcept;

// console.cc
int open_terminal(int root, const Plan& plan, int& slave) noexcept;  // sends the master to the parent
int mount_console(int root, int slave) noexcept;
int take_terminal(int slave) noexcept;  // makes it the controlling terminal

// descriptors.cc
// The caller's /dev/null among fds 0 to 2 is of a mount that the container does not have: it gets its own, which it may
// checkpoint (criu knows no other). A container without one keeps the caller's.
int use_own_null(const Plan& plan) noexcept;
// Only what the program and the stage may have stays. slave: -1, or the terminal. socket: follows the
// sync socket to its new number. Does not come back when it succeeds.
int enter_stage(const Plan& plan, int slave, int proc, int& socket) noexcept;

}  // namespace crun::process
