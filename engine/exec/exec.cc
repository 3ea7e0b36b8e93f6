// exec_container.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fd_passing.h"
#include "base/pipe.h"
#include "crun/runtime.h"
#include "engine/container/settle.h"
#include "engine/impl.h"
#include "engine/monitor/become.h"
#include "engine/monitor/start_report.h"
#include "engine/session/monitor_session.h"
#include "engine/spec/user.h"
#include "libcrun/spec/spec.h"

namespace crun {

using namespace engine;

namespace {

struct Prepared {
  Container container;
  Places places;
  spec::Process process;
  std::optional<spec::Seccomp> seccomp;
};

// The root as the container's processes see it, for the look-up of users.
Dir container_root(const Places& places, pid_t pid, const std::string& name) {
  Fd root(open(("/proc/" + std::to_string(pid) + "/root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root || !condition_of(places).running()) {
    throw Error(ErrorKind::busy, "container " + name + " is not running; start it (ctr start " + name + ")");
  }
  return Dir(std::move(root));
}

Prepared prepare(Engine& engine, const std::string& name, const ContainerExecRequest& request) {
  Container container = get_container(engine.impl(), name);
  Places places = places_of(engine.config(), container.id, container.kept);
  Condition condition = condition_of(places);
  if (!condition.running()) {
    throw Error(ErrorKind::busy, "container " + name + " is not running; start it (ctr start " + name + ")");
  }
  if (request.command.empty()) throw Error(ErrorKind::invalid, "exec: no command given");
  image::Store::Runnable image = engine.impl().store().get_runnable(container.image_id);
  image::ContainerConfig config = image::parse_image_config(image.config_text, "the image's configuration").config;
  Dir root = container_root(places, condition.record->pid, name);
  std::string user_text = !request.user.empty()             ? request.user
                          : !container.request.user.empty() ? container.request.user
                                                            : config.user;
  ResolvedUser user = resolve_user(root, user_text);
  HostFacts host = engine.impl().host();
  ContainerFiles files{places.state(), ""};
  SpecInput input{container.id, config, container.request, user, files, host};
  Prepared prepared{container, places, make_exec_process(input, request), std::nullopt};
  if (request.tty && request.size.rows != 0) {
    prepared.process.console_size = spec::ConsoleSize{request.size.rows, request.size.columns};
  }
  ContainerRequest widened = container.request;
  widened.privileged = widened.privileged || request.privileged;
  prepared.seccomp = container_seccomp(widened, container_capabilities(widened, host.capabilities), host);
  return prepared;
}

ExecRequest runtime_request(const Prepared& prepared) {
  ExecRequest request;
  request.process = &prepared.process;
  request.seccomp = prepared.seccomp ? &*prepared.seccomp : nullptr;
  request.io.stdio = {-1, -1, -1};
  return request;
}

struct ExecSetup {
  Engine& engine;
  const Prepared& prepared;
  const ContainerExecRequest& request;
  Fd socket;      // to the client
  Fd stdin_read;  // empty: /dev/null
};

[[noreturn]] void start_and_become_monitor(ExecSetup& setup) {
  const std::string& libexec = setup.engine.config().libexec;
  check_monitor(libexec);
  ExecRequest exec = runtime_request(setup.prepared);
  Pipe output, errors;
  bool piped = !setup.request.detach && !setup.request.tty;
  if (piped) {
    output = Pipe::make();
    errors = Pipe::make();
    exec.io.stdio = {setup.stdin_read.get(), output.write_end.get(), errors.write_end.get()};
  }
  PreparedProcess started = Runtime(setup.engine.impl().runtime_root()).exec(setup.prepared.container.id, exec);
  Fd terminal = started.take_terminal();
  started.start();
  tell_started(setup.socket, started, terminal.get());

  UnreapedProcess process = started.release();
  MonitorLaunch monitor;
  monitor.plan.flags = setup.request.tty ? kTerminal : 0U;
  monitor.plan.pid = process.pid;
  monitor.plan.log_files = 1;
  memcpy(monitor.plan.id, "exec", sizeof "exec");
  monitor.fds[kFdProcess] = std::move(process.pidfd);
  monitor.fds[kFdStdout] = std::move(piped ? output.read_end : terminal);
  monitor.fds[kFdStderr] = std::move(errors.read_end);
  if (!setup.request.detach) monitor.fds[kFdClient] = std::move(setup.socket);
  become_monitor(libexec, monitor);
}

[[noreturn]] void run_setup(ExecSetup& setup) noexcept {
  try {
    leave_session();
    start_and_become_monitor(setup);
  } catch (const Error& error) {
    tell_failed(setup.socket, error);
  } catch (const std::exception& error) {
    tell_failed(setup.socket, Error(ErrorKind::internal, error.what()));
  }
  _exit(1);
}

// The process is its monitor's child, not ours: a client that is stopped would leave its zombie in the container, whose
// first process cannot end before (pid_namespaces(7)).
Launched launch_exec(Engine& engine, const Prepared& prepared, const ContainerExecRequest& request) {
  SocketPair sockets = SocketPair::make();
  Launched launched;
  launched.socket = std::move(sockets.ours);
  ExecSetup setup{engine, prepared, request, std::move(sockets.theirs), Fd()};
  if (request.interactive && !request.tty && !request.detach) {
    Pipe input = Pipe::make();
    setup.stdin_read = std::move(input.read_end);
    launched.input = std::move(input.write_end);
  }
  engine.impl().close_databases();
  pid_t child = fork();
  if (child < 0) throw SysError(errno, "starting the process that executes the command");
  if (child == 0) {
    launched = Launched();
    run_setup(setup);
  }
  setup.socket.reset();
  setup.stdin_read.reset();
  receive_start(engine.impl(), launched, child);
  if (request.tty && request.interactive) {
    launched.input = Fd(checked(fcntl(launched.terminal.get(), F_DUPFD_CLOEXEC, 3), "duplicating the terminal"));
  }
  return launched;
}

}  // namespace

std::unique_ptr<Session> exec_container(Engine& engine, const std::string& name, const ContainerExecRequest& request) {
  Prepared prepared = prepare(engine, name, request);
  Launched launched = launch_exec(engine, prepared, request);
  if (request.detach) return nullptr;
  return make_monitor_session(std::move(launched));
}

}  // namespace crun
