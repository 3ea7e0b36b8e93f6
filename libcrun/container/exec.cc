// exec: another process in a running container.
#include <fcntl.h>

#include <cerrno>

#include "base/log.h"
#include "crun/runtime.h"
#include "libcrun/cgroup/cgroup.h"
#include "libcrun/cgroup/rootless.h"
#include "libcrun/container/handed_over.h"
#include "libcrun/container/prepared.h"
#include "libcrun/container/seccomp_listener.h"
#include "libcrun/container/setup.h"
#include "libcrun/container/state.h"
#include "libcrun/process/child.h"
#include "libcrun/process/parent.h"
#include "libcrun/spec/validate.h"

namespace crun {
namespace {

using container::Folder;
using container::Record;

std::optional<cgroup::Cgroup> find_cgroup(const Record& record, const std::string& below) {
  if (record.cgroup.empty()) return std::nullopt;
  std::string path = below.empty() ? record.cgroup : record.cgroup + "/" + below;
  if (("/" + below + "/").find("/../") != std::string::npos) {
    throw Error(ErrorKind::invalid, "cgroup '" + below + "' leads out of the container's");
  }
  std::optional<cgroup::Cgroup> cgroup = cgroup::Cgroup::find(*container::hierarchy_of(record), path);
  if (!cgroup) throw Error(ErrorKind::not_found, "container " + record.id + " has no cgroup " + path);
  return cgroup;
}

process::Program program_of(const ExecRequest& request) {
  const spec::Process& wanted = *request.process;
  if (request.executable.empty()) return process::find_program(wanted.args, wanted.env, wanted.cwd);
  return process::Program{request.executable, wanted.cwd, {request.executable}};
}

// A user may call from where no process may be moved from: then it stays there, as runc has it.
void enter_cgroup(const cgroup::Cgroup& cgroup, pid_t pid) {
  try {
    cgroup.add(pid);
  } catch (const SysError& error) {
    if (!cgroup::is_denied(error) || !cgroup::is_rootless()) throw;
    log_warning("process " + std::to_string(pid) + " stays in the caller's cgroup: " + error.text());
  }
}

}  // namespace

PreparedProcess Runtime::exec(const std::string& id, const ExecRequest& request) const {
  container::check_preserved_fds(request.io.preserve_fds);
  spec::validate(*request.process);
  Folder folder = Folder::open(root_, id);
  Record record = folder.read();
  std::optional<Fd> first = container::find_process(record);
  if (!first)
    throw Error(ErrorKind::busy, "container " + id + " is not running: start it before running a command in it");
  Fd console = container::connect_unix(request.io.console_socket, "console socket");
  Fd pidfd_socket = container::connect_unix(request.io.pidfd_socket, "pidfd socket");
  container::SeccompListener listener(request.seccomp);
  std::optional<cgroup::Cgroup> cgroup = find_cgroup(record, request.sub_cgroup);
  if (cgroup && !request.even_if_paused && cgroup->frozen()) {
    // A child cloned into it would not run a single instruction before it is resumed.
    throw Error(ErrorKind::busy, "container " + id + " is paused: resume it before running a command in it");
  }

  const spec::Process& wanted = *request.process;
  process::Plan plan;
  plan.namespaces = ns::plan_join_process(first->get(), record.namespaces);
  Dir root(
      Fd(checked(open(("/proc/" + std::to_string(record.pid) + "/root").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                 "opening the container's root")));
  container::SetupRequest setup{wanted, request.seccomp, request.io, root, root_};
  setup.personality = request.personality;
  setup.memory_policy = request.memory_policy;
  setup.joins = true;
  ns::IdMaps ids;
  if (plan.namespaces.uses_user_namespace()) {
    ids.uids = ns::read_id_map("/proc/" + std::to_string(record.pid) + "/uid_map");
    setup.ids = &ids;
  }
  if (wanted.exec_cpu_affinity) plan.initial_affinity = wanted.exec_cpu_affinity->initial;
  process::Program program = program_of(request);
  container::set_up_process(plan, program, setup);

  process::LaunchRequest launch{plan, process::run_join, wanted, program};
  launch.cgroup = cgroup ? cgroup->fd() : -1;
  if (cgroup) launch.enter_cgroup = [&](pid_t pid) { enter_cgroup(*cgroup, pid); };
  launch.on_cloned = [&](pid_t pid) { rdt::add(record.rdt.tasks, pid); };
  launch.on_listener = [&](pid_t pid, Fd fd) {
    listener.hand_over(pid, std::move(fd), container::state_document(record, ContainerStatus::running));
  };
  process::Launched launched = process::launch(launch);
  launched.terminal = container::deliver_terminal(std::move(launched.terminal), console.get());
  container::hand_over_pidfd(pidfd_socket.get(), launched.child.pidfd(), "setns");
  container::write_pid_file(request.io.pid_file, launched.child.pid());
  auto state = std::make_unique<PreparedProcess::State>(PreparedProcess::State{
      std::move(launched.child), std::move(launched.sync), std::move(launched.terminal), std::move(program)});
  return PreparedProcess(std::move(state));
}

}  // namespace crun
