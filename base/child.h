// A child process by its pidfd (Linux 5.4): no signal ever reaches a process that took over its pid.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "crun/fd.h"

namespace crun {

// How a process ended (waitid(2)).
struct ExitStatus {
  bool signaled = false;
  int value = 0;  // exit code, or the signal's number
  // As a shell reports it: the code, or 128 + the signal.
  int shell_code() const noexcept { return signaled ? 128 + value : value; }
};

// Owns the right to reap: a Child that is dropped unreaped is killed and reaped, so none is left behind.
class Child {
 public:
  Child() = default;
  // pid: an unreaped child of this process; pidfd: of it.
  Child(pid_t pid, Fd pidfd) noexcept : pid_(pid), pidfd_(std::move(pidfd)) {}
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  pid_t pid() const noexcept { return pid_; }
  int pidfd() const noexcept { return pidfd_.get(); }
  void kill(int signal) const;  // a process that is gone already is not an error
  ExitStatus wait();            // reaps; throws SysError
  // Leaves it running and unreaped: for a process that execs, so that its successor reaps.
  pid_t release() noexcept;

 private:
  void end() noexcept;
  pid_t pid_ = -1;
  Fd pidfd_;
};

// What a program is started with; posix_spawn-like, by vfork semantics, so it is cheap in a large process.
struct Program {
  std::string path;                      // absolute; not searched in PATH
  std::vector<std::string> arguments;    // argv, with argv[0]
  std::vector<std::string> environment;  // "NAME=value"; nothing is inherited
  // fds[i] becomes the child's fd i; -1 is /dev/null. All others are closed.
  std::vector<int> fds = {-1, -1, -1};
  // Called in the child before all else, in the caller's memory: async-signal-safe. Gives 0, or an errno that ends it.
  int (*prepare)(void* context) = nullptr;
  void* context = nullptr;
};

// Starts it. Throws SysError where it cannot be executed. Signal mask and dispositions are the defaults.
Child spawn(const Program& program);

}  // namespace crun
