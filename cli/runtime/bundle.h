// A bundle's folder and its config.json (runtime-spec bundle.md), and the flags of create and run.
#pragma once

#include <string>

#include "cli/command/parse.h"
#include "crun/runtime.h"
#include "libcrun/spec/spec.h"

namespace crun::cli {

struct Bundle {
  std::string folder;  // absolute
  std::string text;    // of config.json
  spec::Spec spec;
};

// folder: "" for the working directory. Throws Error that names the file.
Bundle load_bundle(const std::string& folder);

// Flags that create and run share, for their tables.
inline constexpr Option kBundleOption{"bundle", 'b', Takes::value, "folder",
                                      "the bundle (default: the working directory)"};
inline constexpr Option kConsoleSocketOption{"console-socket", 0, Takes::value, "path",
                                             "unix socket that gets the terminal's master"};
inline constexpr Option kPidFileOption{"pid-file", 0, Takes::value, "path", "file to write the process id to"};
inline constexpr Option kPreserveFdsOption{"preserve-fds", 0, Takes::value, "n",
                                           "pass on n descriptors from 3 (default 0)"};
inline constexpr RefusedOption kNoPivot{"no-pivot", 0, "the root is always changed by pivot_root(2)"};

// The same flags as a request's io. LISTEN_FDS adds to preserve-fds, as runc has it.
ProcessIo io_of(const Options& options);

// What containers get of socket activation (sd_listen_fds(3)): LISTEN_FDS and LISTEN_PID=1 in `process`.
void pass_listen_fds(spec::Process& process);

}  // namespace crun::cli
