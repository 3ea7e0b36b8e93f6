// The programs that a bundle wants run around a container's life (config.md "POSIX-platform Hooks").
//
// - prestart (deprecated), createRuntime: in the runtime's namespaces, by create, once the container's exist
// - createContainer: in the container's namespaces, with the root not changed yet, by create
// - startContainer: in the container's namespaces, by start, before the payload
// - poststart: in the runtime's namespaces, by start, after the payload runs
// - poststop: in the runtime's namespaces, by delete, after the container is gone
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crun/fd.h"
#include "libcrun/spec/spec.h"

namespace crun::hooks {

// Runs them in order, each with `state` (a state document) on stdin and its own environment, and waits for each; fds 1
// and 2 are the caller's. The first that fails ends it: Error{system} names kind ("createRuntime"), index, path and how
// it ended. One beyond its timeout is killed and has failed.
void run(std::string_view kind, const std::vector<spec::Hook>& hooks, const std::string& state);

// For poststop: a failure is logged as a warning and the others still run, as runtime.md "Lifecycle" (step 13) asks.
void run_all(std::string_view kind, const std::vector<spec::Hook>& hooks, const std::string& state);

// Hooks for a process that enters the container and execs. Between clone3 and execve nothing may be allocated, so the
// parent makes argv, envp and, for stdin, a file of its own for each hook: a sealed memfd that holds the state
// document, at offset 0.
class Prepared {
 public:
  Prepared(const std::vector<spec::Hook>& hooks, const std::string& state);

  struct Entry {
    const char* path;
    char* const* argv;   // ends in a null pointer
    char* const* envp;   // likewise
    int state_fd;        // close-on-exec: to be dup2'ed to 0
    int64_t timeout_ms;  // -1: none
  };
  // Valid as long as this object lives; moving it keeps every address.
  const std::vector<Entry>& entries() const noexcept { return entries_; }

 private:
  // Moving a vector of strings keeps their addresses; copying would not.
  struct Texts {
    explicit Texts(std::vector<std::string> all);
    Texts(Texts&&) = default;
    std::vector<std::string> strings;
    std::vector<char*> pointers;
  };
  // Each vector is filled once and never grows, so that entries_ may point into it.
  std::vector<std::string> paths_;
  std::vector<Texts> arguments_;
  std::vector<Texts> environments_;
  std::vector<Fd> states_;
  std::vector<Entry> entries_;
};

// For a hook that ran in the container: "createContainer hook 2 (/usr/bin/x): exit status 3". wait_status: as
// waitpid(2) gives it; kTimedOut where it was killed for its timeout, kNotExecuted | errno where it could not be
// started.
inline constexpr int kTimedOut = -1;
inline constexpr int kNotExecuted = 0x10000;
std::string failure_text(std::string_view kind, size_t index, const spec::Hook& hook, int wait_status);

}  // namespace crun::hooks
