// exec_container.
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/child.h"
#include "base/fd_passing.h"
#include "base/file.h"
#include "base/pipe.h"
#include "crun/runtime.h"
#include "engine/container/settle.h"
#include "engine/exec/own_session.h"
#include "engine/impl.h"
#include "engine/monitor/become.h"
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

std::unique_ptr<Session> exec_attached(Engine& engine, const Prepared& prepared, const ContainerExecRequest& request) {
  ExecRequest exec = runtime_request(prepared);
  OwnProcess process;
  Pipe input, output, errors;
  if (!request.tty) {
    output = Pipe::make();
    errors = Pipe::make();
    exec.io.stdio[1] = output.write_end.get();
    exec.io.stdio[2] = errors.write_end.get();
    if (request.interactive) {
      input = Pipe::make();
      exec.io.stdio[0] = input.read_end.get();
    }
  }
  PreparedProcess started = Runtime(engine.impl().runtime_root()).exec(prepared.container.id, exec);
  if (request.tty) process.terminal = started.take_terminal();
  started.start();
  process.output = std::move(output.read_end);
  process.errors = std::move(errors.read_end);
  process.input = std::move(input.write_end);
  UnreapedProcess unreaped = started.release();
  process.child = Child(unreaped.pid, std::move(unreaped.pidfd));
  return make_own_session(std::move(process), request.interactive);
}

// Reports to the client by a pipe: nothing, or an errno-less text; then becomes the process's monitor.
[[noreturn]] void run_detached(Engine& engine, const Prepared& prepared, const Fd& report) noexcept {
  try {
    setsid();
    ExecRequest exec = runtime_request(prepared);
    PreparedProcess started = Runtime(engine.impl().runtime_root()).exec(prepared.container.id, exec);
    MonitorLaunch monitor;
    monitor.fds[kFdStdout] = started.take_terminal();
    started.start();
    UnreapedProcess process = started.release();
    monitor.plan.flags = prepared.process.terminal ? kTerminal : 0U;
    monitor.plan.pid = process.pid;
    monitor.plan.log_files = 1;
    memcpy(monitor.plan.id, "exec", sizeof "exec");
    monitor.fds[kFdProcess] = std::move(process.pidfd);
    become_monitor(engine.config().libexec, monitor);
  } catch (const Error& error) {
    int32_t head[2] = {exit_code_of(error), static_cast<int32_t>(error.kind())};
    std::string text(reinterpret_cast<const char*>(head), sizeof head);
    text += error.text();
    [[maybe_unused]] ssize_t written = write(report.get(), text.data(), text.size());
  } catch (...) {
  }
  _exit(1);
}

void exec_detached(Engine& engine, const Prepared& prepared) {
  Pipe report = Pipe::make();
  engine.impl().close_databases();
  pid_t child = fork();
  if (child < 0) throw SysError(errno, "starting the process that executes the command");
  if (child == 0) run_detached(engine, prepared, report.write_end);
  report.write_end.reset();
  // The end of file is the monitor's execve.
  std::string text = read_to_end(report.read_end.get(), 1 << 16, "the report of an exec");
  int32_t head[2] = {};
  if (text.size() < sizeof head) return;
  memcpy(head, text.data(), sizeof head);
  waitpid(child, nullptr, 0);
  text.erase(0, sizeof head);
  constexpr int kOurs = 125;
  if (head[0] != kOurs) throw ProgramError(static_cast<ErrorKind>(head[1]), text, head[0]);
  throw Error(static_cast<ErrorKind>(head[1]), text);
}

}  // namespace

std::unique_ptr<Session> exec_container(Engine& engine, const std::string& name, const ContainerExecRequest& request) {
  Prepared prepared = prepare(engine, name, request);
  if (!request.detach) return exec_attached(engine, prepared, request);
  exec_detached(engine, prepared);
  return nullptr;
}

}  // namespace crun
