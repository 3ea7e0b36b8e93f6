// What create, run and restore have in common: a bundle (runtime-spec bundle.md) and flags become a request.
#pragma once

#include <string>

#include "cli/command/parse.h"
#include "crun/runtime.h"
#include "libcrun/spec/spec.h"

namespace crun::cli {

// Flags for their tables.
inline constexpr Option kBundleOption{"bundle", 'b', Takes::value, "folder",
                                      "the bundle (default: the working directory)"};
inline constexpr Option kConfigOption{"config", 'f', Takes::value, "file", "its configuration (default config.json)"};
inline constexpr Option kConsoleSocketOption{"console-socket", 0, Takes::value, "path",
                                             "unix socket that gets the terminal's master"};
inline constexpr Option kDetachOption{"detach", 'd', Takes::nothing, "", "come back when the program runs"};
inline constexpr Option kNoNewKeyringOption{"no-new-keyring", 0, Takes::nothing, "",
                                            "keep the caller's session keyring"};
inline constexpr Option kNoPivotOption{"no-pivot", 0, Takes::nothing, "",
                                       "no pivot_root(2), which an initramfs refuses"};
// runc's and crun's: this runtime never is a subreaper.
inline constexpr Option kNoSubreaperOption{"no-subreaper", 0, Takes::nothing, "", "", true};
inline constexpr Option kPidFileOption{"pid-file", 0, Takes::value, "path", "file to write the process id to"};
inline constexpr Option kPidfdSocketOption{"pidfd-socket", 0, Takes::value, "path",
                                           "unix socket that gets a pidfd of the process"};
inline constexpr Option kPreserveFdsOption{"preserve-fds", 0, Takes::value, "n",
                                           "pass on n descriptors from 3 (default 0)"};

// A request, and the bundle that it borrows.
class NewContainer {
 public:
  // options: of a command whose only argument is the id. Throws Error that names the file.
  explicit NewContainer(const Options& options);
  NewContainer(const NewContainer&) = delete;
  NewContainer& operator=(const NewContainer&) = delete;

  CreateRequest request;
  bool wants_terminal() const { return spec_.process && spec_.process->terminal; }
  // Nobody would be there to hold the terminal. who: "a detached container". Throws Error{invalid}.
  void require_console_socket(const std::string& who) const;

 private:
  std::string config_;  // the text
  spec::Spec spec_;
};

// --console-socket, --pid-file, --pidfd-socket and --preserve-fds, to which LISTEN_FDS adds, as runc has it.
ProcessIo io_of(const Options& options);

// What containers get of socket activation (sd_listen_fds(3)): LISTEN_FDS and LISTEN_PID=1 in `process`.
void pass_listen_fds(spec::Process& process);

}  // namespace crun::cli
