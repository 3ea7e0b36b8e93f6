#include "engine/monitor/setup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fd_passing.h"
#include "base/file.h"
#include "base/pipe.h"
#include "base/rfc3339.h"
#include "crun/runtime.h"
#include "engine/container/files.h"
#include "engine/container/settle.h"
#include "engine/impl.h"
#include "engine/monitor/become.h"
#include "engine/monitor/protocol.h"
#include "engine/rootfs/mount_points.h"
#include "engine/rootfs/overlay.h"
#include "engine/spec/apparmor.h"
#include "engine/spec/user.h"
#include "libcrun/spec/spec.h"

namespace crun::engine {
namespace {

// The container's ends of its stdio, and the monitor's.
struct Stdio {
  Fd container[3];
  Fd stdin_write;
  Fd stdout_read;
  Fd stderr_read;
};

Stdio make_stdio(SetupRequest& setup) {
  Stdio stdio;
  stdio.container[0] = std::move(setup.stdin_read);
  if (setup.keep_stdin) {
    Pipe input = Pipe::make();
    stdio.container[0] = std::move(input.read_end);
    stdio.stdin_write = std::move(input.write_end);
  }
  Pipe output = Pipe::make();
  stdio.container[1] = std::move(output.write_end);
  stdio.stdout_read = std::move(output.read_end);
  Pipe errors = Pipe::make();
  stdio.container[2] = std::move(errors.write_end);
  stdio.stderr_read = std::move(errors.read_end);
  return stdio;
}

void make_folder(int parent, const char* name, mode_t mode) {
  if (mkdirat(parent, name, mode) != 0 && errno != EEXIST) {
    throw SysError(errno, std::string("making the container's folder ") + name);
  }
}

// The root folder itself is the upper one: it gets the owner and mode that the image gives its root.
void make_upper(const Dir& storage, const LaunchRequest& launch) {
  make_folder(storage.fd(), "upper", 0755);
  if (launch.image.lower.empty()) return;
  std::string top = launch.layers_path + "/" + launch.image.lower[0];
  struct stat root {};
  if (stat(top.c_str(), &root) != 0) throw SysError(errno, "reading the status of layer " + top);
  if ((root.st_mode & 07777) == 0755 && root.st_uid == 0 && root.st_gid == 0) return;
  Dir upper = storage.open_dir("upper", Resolve::no_symlinks);
  checked(fchown(upper.fd(), root.st_uid, root.st_gid), "setting the root folder's owner");
  checked(fchmod(upper.fd(), root.st_mode & 07777), "setting the root folder's mode");
}

Fd mount_root(const LaunchRequest& launch, const EngineConfig& config) {
  const Places& places = launch.places;
  bool kept = launch.container.kept;
  Dir storage = open_or_make_storage(config, places);
  make_upper(storage, launch);
  make_folder(storage.fd(), "work", 0700);
  OverlayLayers layers;
  layers.upper = places.storage() + "/upper";
  layers.work = places.storage() + "/work";
  layers.throw_away = !kept;
  for (const image::LayerId& layer : launch.image.lower) layers.lowers.push_back(launch.layers_path + "/" + layer);
  if (layers.lowers.size() < kMostLayers) layers.lowers.push_back(mount_point_layer(config.data_root));
  return mount_overlay(layers);
}

// A WORKDIR that the image names but does not have is made, as docker does.
void make_working_dir(const Dir& root, const std::string& path) {
  if (path == "/" || root.find_at(path, O_PATH)) return;
  root.make_dirs(path, 0755);
}

struct Made {
  PreparedProcess process;
  Fd stdin_write, stdout_read, stderr_read;
  Fd terminal;
};

Made make_container(SetupRequest& setup) {
  const LaunchRequest& launch = setup.launch;
  const Container& container = launch.container;
  const ContainerRequest& request = container.request;
  Dir root(mount_root(launch, setup.engine.config()));
  image::ContainerConfig image =
      image::parse_image_config(launch.image.config_text, "the image's configuration").config;
  HostFacts host = setup.engine.host(request.privileged);
  provide_default_profile(request, host);
  std::string hostname = container_hostname(request, container.id, host);
  ProcessRequest process = merge_process(image, request, hostname);
  ResolvedUser user = resolve_user(root, process.user);
  make_working_dir(root, process.working_dir);
  make_bind_sources(request);
  write_container_files(launch.lock.folder(), request, hostname);
  ContainerFiles files{launch.places.state(), setup.engine.config().libexec + "/ctr-init"};
  spec::Spec spec = make_spec({container.id, image, request, user, files, host});
  const TerminalSize& size = launch.options.size;
  if (request.tty && size.rows != 0) spec.process->console_size = spec::ConsoleSize{size.rows, size.columns};

  Stdio stdio;
  if (!request.tty) stdio = make_stdio(setup);
  CreateRequest create;
  create.id = container.id;
  create.bundle = launch.places.state();
  create.spec = &spec;
  create.rootfs.mount_fd = root.fd();
  create.start_at_once = true;
  create.signals_blocked = request.init;
  create.io.stdio = {stdio.container[0].get(), stdio.container[1].get(), stdio.container[2].get()};
  Made made{Runtime(setup.engine.runtime_root()).create(create), std::move(stdio.stdin_write),
            std::move(stdio.stdout_read), std::move(stdio.stderr_read), Fd()};
  if (request.tty) made.terminal = made.process.take_terminal();
  return made;
}

[[noreturn]] void start_and_become_monitor(SetupRequest& setup) {
  const LaunchRequest& launch = setup.launch;
  const Container& container = launch.container;
  check_monitor(setup.engine.config().libexec);
  Made made = make_container(setup);
  made.process.start();
  StatusRecord record;
  record.state = RecordState::running;
  record.pid = made.process.pid();
  record.started_at = unix_nanoseconds();
  write_record(launch.lock.folder(), record);
  tell_started(setup.socket, made.process, made.terminal.get());

  UnreapedProcess process = made.process.release();
  MonitorLaunch monitor;
  monitor.plan.flags = kRecorded | (container.request.tty ? kTerminal : 0U);
  monitor.plan.pid = process.pid;
  monitor.plan.log_files = container.request.log.max_files;
  monitor.plan.log_size = container.request.log.max_size;
  monitor.plan.started_at = record.started_at;
  memcpy(monitor.plan.id, container.id.c_str(), std::min(container.id.size(), sizeof monitor.plan.id - 1));
  monitor.fds[kFdStdout] = std::move(container.request.tty ? made.terminal : made.stdout_read);
  monitor.fds[kFdStderr] = std::move(made.stderr_read);
  monitor.fds[kFdStdin] = std::move(made.stdin_write);
  monitor.fds[kFdProcess] = std::move(process.pidfd);
  if (launch.options.attach) monitor.fds[kFdClient] = std::move(setup.socket);
  open_places(monitor, launch.places, launch.lock);
  become_monitor(setup.engine.config().libexec, monitor);
}

// The container is as before, with the reason written down; a `--rm` one is gone.
void undo(SetupRequest& setup, const Error& error) {
  const LaunchRequest& launch = setup.launch;
  StatusRecord record;
  record.state = RecordState::failed;
  record.exit_code = exit_code_of(error);
  record.finished_at = unix_nanoseconds();
  strncpy(record.error, error.text().c_str(), sizeof record.error - 1);
  write_record(launch.lock.folder(), record);
  if (launch.container.kept) {
    settle_locked(setup.engine, launch.places, launch.lock);
  } else {
    remove_files(setup.engine, launch.places, launch.lock);
  }
}

}  // namespace

void run_setup(SetupRequest& setup) noexcept {
  try {
    leave_session();
    start_and_become_monitor(setup);
  } catch (const Error& error) {
    try {
      undo(setup, error);
    } catch (
        const std::exception&) {  // NOLINT(bugprone-empty-catch): the next command settles it; the first error counts
    }
    tell_failed(setup.socket, error);
  } catch (const std::exception& error) {
    tell_failed(setup.socket, Error(ErrorKind::internal, error.what()));
  }
  _exit(1);
}

}  // namespace crun::engine
