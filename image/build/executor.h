// What a build needs of whoever can run commands. image/ knows no runtime: the engine supplies this over libcrun, the
// tests one that plays recorded runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/child.h"
#include "crun/fd.h"

namespace crun::build {

// A root filesystem on disk, as overlayfs takes it. All paths are absolute and our own.
struct RootLayers {
  std::vector<std::string> lowers;  // folders of layers, uppermost first; empty for `FROM scratch`
  // Takes the changes, and is the new layer afterwards. Empty, with an empty `work`: a read-only view of `lowers`.
  std::string upper;
  std::string work;  // empty, on the same filesystem as `upper`; thrown away after the mount
};

enum class Network { none, host };

// One RUN.
struct Command {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "NAME=value", complete: nothing is added but what the runtime must
  std::string working_dir;               // absolute, exists in the root
  std::string user;                      // as USER has it ("", "name", "1000:1000"), looked up in the root's own files
  Network network = Network::none;
  std::string hostname = "buildkitsandbox";
  int output = -1;  // borrowed: the command's stdout and stderr; its stdin is /dev/null
  // Borrowed, to be polled while the command runs: once it is readable (a signalfd of SIGINT and SIGTERM; it is not to
  // be read) all of the command is killed at once and run() returns as ever. -1: there is none.
  int stop = -1;
};

// A place in the root that the runtime mounts over, and which it would make where it is missing.
struct MountPoint {
  std::string path;  // absolute: "/proc", "/etc/hosts"
  bool folder = true;
};

struct CommandResult {
  ExitStatus status;
  bool out_of_memory = false;  // its cgroup saw an OOM kill
};

class Executor {
 public:
  virtual ~Executor() = default;

  // Mounts an overlay of `layers` with userxattr, detached: it is in no mount namespace, and is gone when the last
  // descriptor of it is closed. Gives its root folder, opened so that openat2 works below it, and so that run() can
  // attach it. Where `lowers` is empty the root is `upper` as it is. Throws SysError, Error{unsupported}.
  virtual Fd mount_root(const RootLayers& layers) = 0;

  // Each of these is made by the build before run() and taken away after it, so that none of them stays in a layer: in
  // the order in which they are mounted, none below another mount of the runtime.
  virtual std::vector<MountPoint> mount_points() const = 0;

  // Runs one command in the root that mount_root() gave, and returns when it, all that it started and its cgroup are
  // gone and the root is unmounted: nothing can write to `upper` any more, however the command ended. Killed with the
  // caller: nothing of it outlives this process. Called by one thread at a time. A command that cannot be started (not
  // found, not executable, no such user) is Error{not_found}, Error{denied} or Error{invalid} with the text that `ctr
  // run` has for it.
  virtual CommandResult run(Fd root, const Command& command) = 0;
};

}  // namespace crun::build
