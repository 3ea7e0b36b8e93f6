// The programs that a bundle wants run around a container's life (config.md "POSIX-platform Hooks").
//
//   prestart          runtime's namespaces   by the parent, after the namespaces exist, before createRuntime
//   (deprecated) createRuntime     runtime's namespaces   by the parent, then createContainer   container's namespaces
//   by the child, before pivot_root startContainer    container's            by the child, after `start`, before the
//   payload poststart         runtime's              by `start`, after the payload runs poststop          runtime's by
//   `delete`, after the container is gone
#pragma once

#include <string>
#include <vector>

#include "crun/fd.h"
#include "libcrun/spec/spec.h"

namespace crun::hooks {

// Runs them in order, each with `state` (a state document) on stdin and its own environment; waits for each. fds 1 and
// 2 are the caller's. Throws Error{system} that names kind, index, path and how the hook ended: the first failure ends
// it. kind: "createRuntime", for errors. A hook beyond its timeout is killed and counts as failed.
void run(std::string_view kind, const std::vector<spec::Hook>& hooks, const std::string& state);

// The same for poststart and poststop: a failure is logged as a warning and the others still run, as runtime.md
// "Lifecycle" (steps 9 and 13) asks.
void run_all(std::string_view kind, const std::vector<spec::Hook>& hooks, const std::string& state);

// A hook for the child to fork and exec: between clone3 and execve nothing may be allocated, so argv, envp and a sealed
// memfd that holds the state document, opened read-only at its start, are made by the parent.
class Prepared {
 public:
  Prepared(const std::vector<spec::Hook>& hooks, const std::string& state);

  struct Entry {
    const char* path;
    char* const* argv;   // nullptr-terminated
    char* const* envp;   // nullptr-terminated
    int state_fd;        // its own open file: at offset 0, close-on-exec; becomes the hook's stdin
    int64_t timeout_ms;  // -1: none
  };
  // Valid as long as this object lives, and moved objects keep their addresses.
  const std::vector<Entry>& entries() const noexcept { return entries_; }

 private:
  struct Texts {
    std::vector<std::string> strings;
    std::vector<char*> pointers;
  };
  std::vector<Texts> texts_;
  std::vector<Fd> files_;
  std::vector<Entry> entries_;
};

// The text for a hook of the child's that failed: "createContainer hook 2 (/usr/bin/x): exit status 3".
// wait_status: as waitpid(2) gives it, or -1 where it was killed for its timeout.
std::string failure_text(std::string_view kind, size_t index, const spec::Hook& hook, int wait_status);

}  // namespace crun::hooks
