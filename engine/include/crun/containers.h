// Containers as people know them: made from an image, named, logged, watched by a monitor of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crun/engine.h"

namespace crun {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct BindMount {
  std::string source;       // absolute, on the host
  std::string destination;  // absolute, in the container
  bool read_only = false;
  bool make_source = false;  // `-v`: a missing source becomes a folder; otherwise Error{not_found}
  std::string propagation;   // "rprivate" (default), "rslave", "rshared", "private", "slave", "shared"
};

struct TmpfsMount {
  std::string destination;
  std::string options;  // as mount(8): "size=64m,mode=1777,noexec"
};

struct LogOptions {
  uint64_t max_size = 20 << 20;  // bytes of one file before it is rotated; 0: never
  unsigned max_files = 3;        // with the current one
};

// What a user asks for; what is absent comes from the image, then from the engine.
struct ContainerRequest {
  std::string image;                                   // reference or id
  std::vector<std::string> command;                    // replaces the image's Cmd where not empty
  std::optional<std::vector<std::string>> entrypoint;  // present and empty: none at all
  std::string name;                                    // [a-zA-Z0-9][a-zA-Z0-9_.-]*; empty: one is made up
  std::string hostname;                                // empty: the id's first twelve digits
  std::vector<std::string> env;  // "NAME=value", or "NAME" to take it from the caller's environment
  std::vector<BindMount> mounts;
  std::vector<TmpfsMount> tmpfs;
  std::string working_dir;
  std::string user;                            // "user[:group]", names or numbers
  std::string network;                         // "none" or "host"; empty: the engine's default
  std::optional<int64_t> memory;               // bytes
  std::optional<int64_t> memory_swap;          // bytes of memory and swap together; -1: no bound
  std::optional<int64_t> nano_cpus;            // 1e9 is one cpu
  std::optional<int64_t> pids_limit;           // -1: no bound
  bool read_only = false;                      // the rootfs
  std::vector<std::string> cap_add, cap_drop;  // with or without CAP_; ALL
  std::vector<std::string>
      security_opt;  // no-new-privileges[:bool], seccomp=unconfined|FILE's text, apparmor=NAME|unconfined
  bool privileged = false;
  Pairs labels;
  std::string stop_signal;               // "SIGTERM", "TERM", "15"
  std::optional<unsigned> stop_timeout;  // seconds
  bool interactive = false;              // keeps stdin open
  bool tty = false;
  bool remove = false;  // `--rm`: when it ends; lives in the run root only
  bool init = false;    // ctr-init as pid 1
  LogOptions log;
};

// Validates all, takes the name, and makes the container. Gives its id. Throws Error{exists} naming the holder of a
// name.
CRUN_API std::string create_container(Engine& engine, const ContainerRequest& request);

// How a process ended, as docker reports it.
struct Outcome {
  bool detached = false;  // the client left, the process runs on
  int exit_code = 0;      // 128+n for a signal; 125-127 for what never started
  bool oom_killed = false;
};

// A client's hold on a running container or exec'd process.
class CRUN_API Session {
 public:
  virtual ~Session() = default;
  // Copies in → the process, the process → out and err, until it ended or `detach_keys` were typed. Signals of
  // `forward_signals` that this process gets go to the container's; at the third SIGINT or SIGTERM it is left, with
  // exit code 1, as docker does where a process does not listen. Borrowed fds; -1: none.
  struct Relay {
    int in = -1, out = 1, err = 2;
    std::string detach_keys;  // as docker's, "ctrl-p,ctrl-q"; only with a tty
    bool forward_signals = true;
  };
  virtual Outcome relay(const Relay& relay) = 0;
  // The terminal's size, in characters; without a tty it does nothing. Called once before relay, then on SIGWINCH.
  virtual void resize(unsigned short rows, unsigned short columns) = 0;
};

// Throws Error{invalid} where Relay::detach_keys would not be understood: asked before a container is started for it.
CRUN_API void check_detach_keys(const std::string& keys);

// Of the client's terminal, in characters; zero: not known. A process with a tty finds it there from its start.
struct TerminalSize {
  unsigned short rows = 0, columns = 0;
};

struct StartOptions {
  bool attach = false;       // a Session with output
  bool interactive = false;  // and with stdin
  TerminalSize size = {};
};

// Starts a created or stopped container. Returns when its process runs, or throws: Error{not_found} with exit code
// 127's text, Error{denied|invalid} with 126's, see exit_code_of. Gives a Session where `attach` is set, else nothing.
CRUN_API std::unique_ptr<Session> start_container(Engine& engine, const std::string& name, const StartOptions& options);

// create and start in one transaction: the path of `ctr run`. id gets the new container's id even where starting fails.
CRUN_API std::unique_ptr<Session> run_container(Engine& engine, const ContainerRequest& request,
                                                const StartOptions& options, std::string& id);

// The exit code that a command should end with for this error: 127 command not found, 126 cannot be invoked, 125 the
// rest.
CRUN_API int exit_code_of(const Error& error) noexcept;

struct ContainerSummary {
  std::string id, name, image, image_id, command;  // command: as one line, quoted
  int64_t created = 0;                             // nanoseconds since 1970
  std::string state;                               // created, running, exited, dead
  std::string status;                              // "Up 3 minutes", "Exited (0) 2 hours ago"
  int exit_code = 0;
  Pairs labels;
  std::vector<std::string> mounts;
  std::string network;
};
struct ContainerFilter {
  bool all = false;  // stopped ones too
  Pairs filters;     // docker's: id, name, label, status, exited, ancestor, before, since
};
CRUN_API std::vector<ContainerSummary> list_containers(Engine& engine, const ContainerFilter& filter);  // newest first

// JSON as one element of `docker container inspect`. name: name, id, or a unique prefix of an id, here and below.
CRUN_API std::string inspect_container(Engine& engine, const std::string& name);

// Sends the stop signal, waits `timeout` seconds (absent: the container's own, or 10), kills. An ended one: nothing to
// do. signal: name or number; empty: the container's own, or the image's, or SIGTERM.
CRUN_API void stop_container(Engine& engine, const std::string& name, std::optional<unsigned> timeout,
                             const std::string& signal = "");
// signal: name or number. Error{busy} where it does not run.
CRUN_API void kill_container(Engine& engine, const std::string& name, const std::string& signal);
struct RemoveOptions {
  bool force = false;
  bool volumes = false;
};
CRUN_API void remove_container(Engine& engine, const std::string& name, const RemoveOptions& options);
// Blocks until it ended (now, where it has); gives its exit code.
CRUN_API int wait_container(Engine& engine, const std::string& name);

struct LogRequest {
  bool follow = false;
  bool timestamps = false;
  std::optional<uint64_t> tail;  // lines; absent: all
  int64_t since = 0, until = 0;  // nanoseconds since 1970; 0: no bound
};
// Copies the container's output to out and err as it was written there, over rotated files.
CRUN_API void copy_logs(Engine& engine, const std::string& name, const LogRequest& request, int out, int err);

struct ContainerExecRequest {
  std::vector<std::string> command;
  std::vector<std::string> env;
  std::string working_dir, user;
  bool interactive = false, tty = false, detach = false, privileged = false;
  TerminalSize size = {};
};
// Joins the running container. detach: gives nothing and returns when the process runs.
CRUN_API std::unique_ptr<Session> exec_container(Engine& engine, const std::string& name,
                                                 const ContainerExecRequest& request);

}  // namespace crun
