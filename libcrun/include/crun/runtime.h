// The OCI runtime as a library: a bundle becomes a process (runtime-spec 1.3, "Runtime and Lifecycle").
// Safe in a threaded program: between clone3 and execve the child allocates nothing and takes no lock.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crun/error.h"
#include "crun/export.h"
#include "crun/fd.h"
#include "crun/stats.h"

namespace crun {

namespace spec {
struct Spec;
struct Process;
struct Resources;
struct Seccomp;
struct Personality;
struct MemoryPolicy;
}  // namespace spec

inline constexpr const char* kDefaultRuntimeRoot = "/run/ctr-runtime";  // root's
// That for root; for another user ctr-runtime below XDG_RUNTIME_DIR, or below /run/user/UID where that is not set.
CRUN_API std::string default_runtime_root();

// Who makes a container's cgroup. What an existing container has stands in its state.
enum class CgroupManager {
  cgroupfs,  // this library, below the caller's own root of cgroup v2
  systemd,   // systemd, asked by D-Bus; linux.cgroupsPath is "slice:prefix:name"
  disabled,  // nobody: the container stays in the caller's cgroup, and linux.resources is not looked at
};

// What a Runtime stands on, and how it makes containers.
struct RuntimeConfig {
  std::string state_root = default_runtime_root();  // absolute, made (0700) where it does not exist
  CgroupManager cgroup_manager = CgroupManager::cgroupfs;
  std::string criu = "criu";  // program of checkpoint and restore: a path, or a name that is looked for in PATH
};

// The specs' "status" (runtime-spec, "State"), and paused, as runc has it: its processes are there and stand still.
enum class ContainerStatus { creating, created, running, paused, stopped };
CRUN_API std::string_view status_name(ContainerStatus status);

// What is known of one container.
struct ContainerState {
  std::string id;
  ContainerStatus status = ContainerStatus::creating;
  pid_t pid = 0;  // of its first process in the caller's pid namespace; 0 where it is stopped
  std::string bundle;
  std::string rootfs;      // absolute; "" where it was given as a mount fd
  std::string cgroup;      // absolute folder of its cgroup; "" where it has none
  int64_t created_at = 0;  // nanoseconds since 1970, UTC
  uid_t owner = 0;         // who created it
  std::map<std::string, std::string> annotations;
};

// A container's root, one of two.
struct Rootfs {
  std::string path;  // absolute; bound recursively into the container's mount namespace
  int mount_fd =
      -1;  // borrowed: a detached mount (fsmount(2), open_tree(2) with OPEN_TREE_CLONE), attached by
           // move_mount(2) inside the container's mount namespace alone. Used where it is not -1. It is used up.
};

// What a process of a container is connected to.
struct ProcessIo {
  // Borrowed: become the process's fd 0, 1 and 2; -1 is /dev/null. Not looked at where the spec asks for a terminal.
  std::array<int, 3> stdio = {0, 1, 2};
  // A unix stream socket's path that the pty's master is sent to by SCM_RIGHTS (runc's --console-socket). Where it is
  // empty and the spec asks for a terminal, the master is kept in the handle: PreparedProcess::take_terminal().
  std::string console_socket;
  // The caller's fds 3 to 3 + preserve_fds - 1 are passed on with their numbers. All others are closed.
  int preserve_fds = 0;
  // The process is killed when the thread that called create() or exec() ends (prctl(2), PR_SET_PDEATHSIG), by whatever
  // program that process has become.
  bool die_with_parent = true;
  std::string pid_file;  // gets the pid in decimal, written whole or not at all; "" for none
  // A unix stream socket's path that a pidfd of the process is sent to by SCM_RIGHTS (runc's --pidfd-socket), with
  // "standard" for a container's first process and "setns" for another; "" for none.
  std::string pidfd_socket;
};

struct CreateRequest {
  std::string id;                    // [A-Za-z0-9_+.-]{1,255}, no dot in front
  std::string bundle;                // absolute folder; relative paths of the spec are below it
  const spec::Spec* spec = nullptr;  // borrowed during the call
  // The text the spec was read from, kept beside the state for a later exec that inherits from it; may be empty.
  std::string_view config_text;
  Rootfs rootfs;  // where neither is set: spec.root.path
  ProcessIo io;
  // pivot_root(2) refuses the root of an initramfs; without it the root is moved over "/" and chroot(2) called.
  bool no_pivot = false;
  bool new_keyring = true;  // a session keyring of its own (keyctl(2)); else the caller's
  // PreparedProcess::start() will follow at once, with nothing in between that could hold it back: the program may be
  // executed before create() comes back, which saves a turn between the two processes.
  bool start_at_once = false;
  // The process waits for Runtime::start(id) by another process; PreparedProcess::start() must not be used.
  bool start_later = false;
  // The program begins with all signals blocked instead of none: for an init that takes them by sigwait(3). As pid 1 it
  // would lose what comes before that (pid_namespaces(7)).
  bool signals_blocked = false;
};

struct ExecRequest {
  const spec::Process* process = nullptr;  // borrowed during the call: whole, nothing is inherited from the container's
  const spec::Seccomp* seccomp = nullptr;  // borrowed; null: no filter
  // The container's linux.personality and linux.memoryPolicy; borrowed, null where there are none.
  const spec::Personality* personality = nullptr;
  const spec::MemoryPolicy* memory_policy = nullptr;
  ProcessIo io;
  std::string executable;  // absolute path in the container; "" for what args[0] names
  std::string sub_cgroup;  // below the container's cgroup; "" for that itself
  // Goes into a paused container too, and does not come back before that is resumed.
  bool even_if_paused = false;
};

// What happens to a container: see Runtime::watch().
enum class ContainerEvent { oom_kill, ended };

// Waits for what happens to one container. Owns its descriptors; the container does not know of it.
class CRUN_API ContainerWatch {
 public:
  ContainerWatch(ContainerWatch&&) noexcept;
  ContainerWatch& operator=(ContainerWatch&&) noexcept;
  ~ContainerWatch();

  // The next event, or nothing when `milliseconds` (-1: any time) are over. oom_kill: once, however many processes were
  // killed since the last one. ended: no process lives in its cgroup; then always that. Throws SysError.
  std::optional<ContainerEvent> next(int milliseconds);

  struct State;  // the library's own

 private:
  friend class Runtime;
  explicit ContainerWatch(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

// The program of a process cannot be executed, and why: each cause has its own text. What fails before that is an Error
// of another type, which docker's command turns into 125.
class CRUN_API ProgramError : public Error {
 public:
  ProgramError(ErrorKind kind, std::string text, int exit_code) : Error(kind, std::move(text)), exit_code_(exit_code) {}
  // As docker's: 127 where it, or the interpreter that it asks for, does not exist; 126 where it cannot be invoked
  // (no exec bit, a folder, wrong architecture, no known format).
  int exit_code() const noexcept { return exit_code_; }

 private:
  int exit_code_;
};

// A child of the caller that somebody must still reap (waitpid(2)).
struct UnreapedProcess {
  pid_t pid = -1;
  Fd pidfd;
};

// A process of a container that is set up and waits to execute its program. Its parent is the caller: a caller that
// execs stays so. Dropped before start(): the process is killed and, where it is a container's first, the container
// removed.
class CRUN_API PreparedProcess {
 public:
  PreparedProcess(PreparedProcess&&) noexcept;
  PreparedProcess& operator=(PreparedProcess&&) noexcept;
  ~PreparedProcess();

  pid_t pid() const noexcept;
  int pidfd() const noexcept;
  // The pty's master, where a terminal was asked for and no console socket given; else an empty Fd. Once.
  Fd take_terminal() noexcept;
  // Lets it execute its program; returns when it has (and, for a container, poststart hooks are run). Throws
  // ProgramError where it cannot be executed; the process is reaped then, the container removed.
  void start();
  // Gives up the right to reap: the process runs on when this handle is dropped.
  UnreapedProcess release() noexcept;

  struct State;  // the library's own

 private:
  friend class Runtime;
  explicit PreparedProcess(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

struct CheckpointRequest;  // crun/checkpoint.h
struct RestoreRequest;

// The containers below one state root. Holds nothing open; any number of processes may use one root at once.
class CRUN_API Runtime {
 public:
  // Throws Error{invalid} for a state root that is not absolute.
  explicit Runtime(RuntimeConfig config = {});
  explicit Runtime(std::string state_root) : Runtime(RuntimeConfig{.state_root = std::move(state_root)}) {}

  // runtime-spec "create", all but the program's execution: prestart, createRuntime and createContainer hooks are run.
  // Throws Error{exists} for an id in use, {invalid}, {unsupported}, SysError; nothing is left behind then.
  PreparedProcess create(const CreateRequest& request) const;

  // runtime-spec "start" of a container made with start_later. Errors as PreparedProcess::start()'s; {busy} where it is
  // not in the state "created".
  void start(const std::string& id) const;

  // Throws Error{not_found}.
  ContainerState state(const std::string& id) const;
  std::vector<ContainerState> list() const;

  // The CreateRequest::config_text that the container was created with. Throws Error{not_found} where there was none.
  std::string config_text(const std::string& id) const;

  // Sends a signal to the container's first process; all: to each process of its cgroup. Throws Error{busy} where it is
  // neither created nor running.
  void kill(const std::string& id, int signal, bool all = false) const;

  // Removes cgroup and state and runs poststop hooks. force: kills it first, and what does not exist is no error.
  // Without it, Error{busy} where it is not stopped. Upholds its work through failures and throws the first.
  void remove(const std::string& id, bool force = false) const;

  // All its processes stand still when this returns (cgroup.freeze, Linux 5.2), and go on. Throws Error{busy} where it
  // is not created or running, or not paused; Error{unsupported} for one without a cgroup; Error{system} where a
  // process could not be stopped in ten seconds, and then all go on.
  void pause(const std::string& id) const;
  void resume(const std::string& id) const;

  // Writes new limits; what `resources` does not name stays as it is. Where one is refused by the kernel, those before
  // it stay written. Throws Error{busy} where it is stopped, {invalid}, {unsupported} naming the limit, SysError.
  void update(const std::string& id, const spec::Resources& resources) const;

  // Throws Error{busy} where it is stopped, Error{unsupported} for one without a cgroup.
  ContainerStats stats(const std::string& id) const;
  // In the caller's pid namespace, with those of cgroups below the container's, ascending. Errors as stats()'s.
  std::vector<pid_t> processes(const std::string& id) const;
  ContainerWatch watch(const std::string& id) const;

  // Another process in a running container. The handle waits for start() like create's. Throws Error{busy} where the
  // container is stopped or paused.
  PreparedProcess exec(const std::string& id, const ExecRequest& request) const;

  // Writes the container's processes to files. Throws Error{unsupported} where criu is not installed, or for a
  // container with a terminal; Error{busy} where it is not running; Error{system} with criu's own words where it fails,
  // and the container runs on then.
  void checkpoint(const std::string& id, const CheckpointRequest& request) const;

  // A new container of the processes in such files, which run when this returns; the first one is the caller's child.
  // Errors as create()'s and checkpoint()'s; nothing is left behind then.
  UnreapedProcess restore(const RestoreRequest& request) const;

 private:
  std::string root_;  // of the states
  CgroupManager cgroup_manager_;
  std::string criu_;
};

}  // namespace crun
