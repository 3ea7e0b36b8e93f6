#include "engine/build/runtime_executor.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "base/child.h"
#include "base/random_id.h"
#include "crun/runtime.h"
#include "engine/container/files.h"
#include "engine/container/places.h"
#include "engine/container/settle.h"
#include "engine/impl.h"
#include "engine/rootfs/overlay.h"
#include "engine/spec/apparmor.h"
#include "engine/spec/host.h"
#include "engine/spec/user.h"
#include "libcrun/cgroup/cgroup.h"
#include "libcrun/spec/spec.h"

namespace crun::engine {
namespace {

ContainerRequest container_request(const build::Command& command) {
  ContainerRequest request;
  request.hostname = command.hostname;
  request.network = command.network == build::Network::host ? "host" : "none";
  request.command = command.arguments;
  request.working_dir = command.working_dir;
  request.user = command.user;
  return request;
}

bool saw_oom_kill(const std::string& id) {
  std::optional<cgroup::Cgroup> cgroup = cgroup::Cgroup::find(cgroup::Hierarchy::find(), "/ctr/" + id);
  return cgroup && cgroup->oom_kills().value_or(0) > 0;
}

void kill_all(const std::string& id, const Child& child) {
  child.kill(SIGKILL);  // the others of its pid namespace go with it
  std::optional<cgroup::Cgroup> cgroup = cgroup::Cgroup::find(cgroup::Hierarchy::find(), "/ctr/" + id);
  if (cgroup) cgroup->kill();
}

// Until the command ends, or `stop` says that it must.
void wait_for(const std::string& id, const Child& child, int stop) {
  pollfd polled[2] = {{child.pidfd(), POLLIN, 0}, {stop, POLLIN, 0}};
  while (polled[0].revents == 0) {
    if (poll(polled, 2, -1) < 0 && errno != EINTR) throw SysError(errno, "waiting for a build step");
    if (polled[1].revents == 0) continue;
    kill_all(id, child);
    polled[1].fd = -1;
    polled[1].revents = 0;
  }
}

class RuntimeExecutor : public build::Executor {
 public:
  explicit RuntimeExecutor(const EngineConfig& config) : engine_(config) {}

  Fd mount_root(const build::RootLayers& layers) override {
    if (layers.lowers.empty()) return clone_folder(layers.upper, false);
    OverlayLayers overlay;
    overlay.lowers = layers.lowers;
    overlay.upper = layers.upper;
    overlay.work = layers.work;
    // The store flushes a layer before an image counts on it.
    overlay.throw_away = true;
    return mount_overlay(overlay);
  }

  std::vector<build::MountPoint> mount_points() const override {
    return {{"/proc", true},          {"/dev", true},       {"/sys", true}, {"/etc/resolv.conf", false},
            {"/etc/hostname", false}, {"/etc/hosts", false}};
  }

  build::CommandResult run(Fd root, const build::Command& command) override {
    std::string id = random_hex(64);
    Places places = places_of(engine_.config(), id, false);
    // As a `--rm` container without a row: when this process is killed, the next command finds its folder unlocked.
    std::optional<ContainerLock> lock = ContainerLock::try_take(places);
    if (!lock) throw Error(ErrorKind::internal, "build step id " + id + " is taken");
    try {
      build::CommandResult result = run_locked(id, places, *lock, std::move(root), command);
      remove_files(engine_.impl(), places, *lock);
      return result;
    } catch (...) {
      remove_files(engine_.impl(), places, *lock);
      throw;
    }
  }

 private:
  build::CommandResult run_locked(const std::string& id, const Places& places, const ContainerLock& lock, Fd root_fd,
                                  const build::Command& command) {
    Dir root(std::move(root_fd));
    ContainerRequest request = container_request(command);
    write_container_files(lock.folder(), request, command.hostname);
    image::ContainerConfig no_image;
    HostFacts host = engine_.impl().host();
    provide_default_profile(request, host);
    ResolvedUser user = resolve_user(root, command.user);
    ContainerFiles files{places.state(), ""};
    spec::Spec spec = make_spec({id, no_image, request, user, files, host});
    spec.process->env = command.environment;
    auto has_home = [](const std::string& entry) { return entry.rfind("HOME=", 0) == 0; };
    if (std::none_of(spec.process->env.begin(), spec.process->env.end(), has_home)) {
      spec.process->env.push_back("HOME=" + user.home);
    }
    CreateRequest create;
    create.id = id;
    create.bundle = places.state();
    create.spec = &spec;
    create.rootfs.mount_fd = root.fd();
    create.start_at_once = true;
    create.io.stdio = {-1, command.output, command.output};
    PreparedProcess prepared = Runtime(engine_.impl().runtime_root()).create(create);
    root = Dir();
    prepared.start();
    UnreapedProcess unreaped = prepared.release();
    Child child(unreaped.pid, std::move(unreaped.pidfd));
    wait_for(id, child, command.stop);
    bool out_of_memory = saw_oom_kill(id);
    return {child.wait(), out_of_memory};
  }

  Engine engine_;
};

}  // namespace

std::unique_ptr<build::Executor> make_executor(const EngineConfig& config) {
  return std::make_unique<RuntimeExecutor>(config);
}

}  // namespace crun::engine
