// The program of a process: where it may be, and why it cannot be executed.
#pragma once

#include <string>
#include <vector>

#include "base/dir.h"
#include "crun/runtime.h"

namespace crun::process {

struct Program {
  std::string name;                     // as asked for: args[0]
  std::string cwd;                      // what a relative path starts at
  std::vector<std::string> candidates;  // in the order in which they are tried
};

// A name with a slash is its own path; else one in each absolute folder of PATH, as execvp(3); docker's default PATH
// where `environment` has none. Throws Error{invalid} where args is empty.
Program find_program(const std::vector<std::string>& args, const std::vector<std::string>& environment,
                     const std::string& cwd);

// What execve(2) meant. error: positive errno; index: of the candidate that was there, or -1. root: the container's, to
// look at the file; not open where it cannot be seen any more.
ProgramError explain(const Program& program, int error, int index, const Dir& root);

// The same, while the process still stands and the files can be seen by it.
ProgramError explain(const Program& program, int error, int index, pid_t pid);

}  // namespace crun::process
