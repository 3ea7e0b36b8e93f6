// create: everything up to the program's execution (runtime.md "Lifecycle", steps 1 to 5).
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "base/rfc3339.h"
#include "base/rollback.h"
#include "libcrun/cgroup/manager.h"
#include "libcrun/cgroup/ownership.h"
#include "libcrun/cgroup/rootless.h"
#include "libcrun/container/container_hooks.h"
#include "libcrun/container/handed_over.h"
#include "libcrun/container/prepared.h"
#include "libcrun/container/remove.h"
#include "libcrun/container/restored.h"
#include "libcrun/container/seccomp_listener.h"
#include "libcrun/container/setup.h"
#include "libcrun/container/state.h"
#include "libcrun/hooks/hooks.h"
#include "libcrun/ns/net_devices.h"
#include "libcrun/process/child.h"
#include "libcrun/process/parent.h"
#include "libcrun/security/label.h"
#include "libcrun/spec/rules.h"
#include "libcrun/spec/validate.h"
#include "libcrun/spec/write.h"

namespace crun {
namespace container {
namespace {

// One call of create(), step by step; what it has made is undone in reverse where it does not come to its end.
class Creation {
 public:
  Creation(const std::string& state_root, CgroupManager cgroup_manager, const CreateRequest& request)
      : state_root_(state_root), cgroup_manager_(cgroup_manager), request_(request), spec_(*request.spec) {}

  std::unique_ptr<PreparedProcess::State> run() {
    check();
    Fd console = connect_unix(request_.io.console_socket, "console socket");
    listener_.emplace(seccomp());
    Fd pidfd_socket = connect_unix(request_.io.pidfd_socket, "pidfd socket");
    folder_.emplace(Folder::make(state_root_, request_.id));
    undo_.add([this] { folder_->remove(); });
    FileLock lock = folder_->lock();
    plan_rdt();
    write_record();
    // A hook of create that fails leads to step 12 of the lifecycle, and so to the poststop hooks.
    undo_.add([this] {
      if (hooks_ran_) run_poststop(record_);
    });
    make_rdt();
    make_cgroup();
    plan_root();
    plan_process();
    process::Launched launched = launch();
    launched.terminal = deliver_terminal(std::move(launched.terminal), console.get());
    hand_over_pidfd(pidfd_socket.get(), launched.child.pidfd(), "standard");
    write_pid_file(request_.io.pid_file, launched.child.pid());
    undo_.dismiss();
    return hand_over(std::move(launched));
  }

  // The same with processes that were there before.
  UnreapedProcess restore(const RestoreRequest& images, const std::string& criu) {
    check();
    if (spec_.process->terminal) {
      throw Error(ErrorKind::unsupported, "the criu command restores no terminal; set process.terminal to false");
    }
    Fd pidfd_socket = connect_unix(request_.io.pidfd_socket, "pidfd socket");
    folder_.emplace(Folder::make(state_root_, request_.id));
    undo_.add([this] { folder_->remove(); });
    FileLock lock = folder_->lock();
    plan_rdt();
    write_record();
    make_rdt();
    make_cgroup();
    Child first = restore_processes(criu, images, record_, *folder_, cgroup_ ? &*cgroup_ : nullptr);
    if (manager_ && manager_->needs_process()) enter_new_cgroup(first.pid());
    if (rdt_) rdt::add(record_.rdt.tasks, first.pid());
    note_pid(first.pid());
    hand_over_pidfd(pidfd_socket.get(), first.pidfd(), "standard");
    write_pid_file(request_.io.pid_file, first.pid());
    undo_.dismiss();
    hooks::run_all("poststart", spec_.hooks.poststart, state_document(record_, ContainerStatus::running));
    Fd pidfd(checked(fcntl(first.pidfd(), F_DUPFD_CLOEXEC, 3), "keeping the restored process"));
    return UnreapedProcess{first.release(), std::move(pidfd)};
  }

 private:
  void check() const {
    check_id(request_.id);
    check_preserved_fds(request_.io.preserve_fds);
    spec::validate(spec_);
    if (!spec_.process) throw Error(ErrorKind::invalid, "config.json: process: is needed to create a container");
  }

  void write_record() {
    record_.id = request_.id;
    record_.bundle = request_.bundle;
    record_.rootfs = root_path();
    record_.created_at = unix_nanoseconds();
    record_.namespaces = ns::namespaces_of(spec_.linux);
    record_.annotations = spec_.annotations;
    record_.program = process::find_program(spec_.process->args, spec_.process->env, spec_.process->cwd);
    record_.has_hooks =
        !spec_.hooks.start_container.empty() || !spec_.hooks.poststart.empty() || !spec_.hooks.poststop.empty();
    find_cgroup_path();
    record_.config = request_.config_text;
    if (record_.config.empty() && record_.has_hooks) record_.config = spec::write(spec_);
    folder_->write(record_);  // so that whoever finds our remains knows the cgroup
  }

  std::string root_path() const {
    if (request_.rootfs.mount_fd >= 0) return "";
    const std::string& path = request_.rootfs.path.empty() ? spec_.root.path : request_.rootfs.path;
    if (path.empty()) throw Error(ErrorKind::invalid, "config.json: root.path: is empty");
    return path.front() == '/' ? path : request_.bundle + "/" + path;
  }

  // A host without cgroup v2 can still run a container that asks for no limit.
  void find_cgroup_path() {
    if (cgroup_manager_ == CgroupManager::disabled) return;
    try {
      hierarchy_.emplace(cgroup::Hierarchy::find());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unsupported) throw;
      return refuse_limits(error.text());
    }
    manager_ = cgroup_manager_ == CgroupManager::systemd ? cgroup::make_systemd_manager(*hierarchy_, spec_.annotations)
                                                         : cgroup::make_folder_manager(*hierarchy_);
    place_ = manager_->place(spec_.linux.cgroups_path, request_.id);
    record_.hierarchy = hierarchy_->mount_point();
    record_.cgroup = place_.path;
    record_.unit = place_.unit;
  }

  // It can have no cgroup.
  void refuse_limits(const std::string& why) const {
    std::string limit = cgroup::first_limit(spec_.linux.resources);
    if (!limit.empty()) {
      throw Error(ErrorKind::unsupported,
                  "linux.resources." + limit + " needs a cgroup: " + why + "; or give --cgroup-manager disabled");
    }
  }

  // In the record before anything is made: whoever finds our remains removes it.
  void plan_rdt() {
    if (!spec_.linux.intel_rdt) return;
    rdt_ = rdt::plan(*spec_.linux.intel_rdt, request_.id);
    resctrl_ = rdt::get_mount_point();
    record_.rdt = rdt::group_of(*rdt_, resctrl_);
  }

  void make_rdt() {
    if (!rdt_) return;
    rdt::make(*rdt_, resctrl_);
    undo_.add([this] { rdt::remove(record_.rdt.removed); });
  }

  void make_cgroup() {
    if (manager_ && !manager_->needs_process()) enter_cgroup(0);
  }

  // A user without rights to any cgroup, or to move a process into it, stays in the caller's.
  void do_without_cgroup(const SysError& error) {
    refuse_limits(error.text());
    if (cgroup_) manager_->remove(place_);
    cgroup_.reset();
    manager_.reset();
    record_.cgroup.clear();
    folder_->replace(record_);
  }

  // pid: 0 for none yet.
  void enter_cgroup(pid_t pid) {
    try {
      enter_new_cgroup(pid);
    } catch (const SysError& error) {
      if (!cgroup::is_denied(error)) throw;
      do_without_cgroup(error);
    }
  }

  void enter_new_cgroup(pid_t pid) {
    bool first = !cgroup_;
    cgroup_.emplace(manager_->create(place_, spec_.linux.resources, pid));
    if (first) {
      undo_.add([this] {
        if (manager_) manager_->remove(place_);
      });
    }
    if (std::optional<uid_t> owner = cgroup_owner()) cgroup::give_away(*cgroup_, *owner);
  }

  std::optional<uid_t> cgroup_owner() const {
    std::optional<uint32_t> inside = cgroup::owner_inside(spec_);
    bool as_inside = spec_.linux.find_namespace(spec::NamespaceType::user) == nullptr;
    return !inside || as_inside ? inside : ns::host_id(spec_.linux.uid_mappings, *inside);
  }

  void plan_root() {
    const spec::Namespace* mount = spec_.linux.find_namespace(spec::NamespaceType::mount);
    plan_.namespaces = ns::plan_namespaces(spec_.linux);
    bool own_mounts = mount != nullptr && mount->path.empty();
    if (own_mounts) {
      plan_.root = rootfs::plan_root(spec_, request_.bundle, record_.rootfs, request_.rootfs.mount_fd);
    }
    if (!spec_.linux.mount_label.empty() && !security::selinux_enabled()) {
      throw Error(ErrorKind::unsupported, "linux.mountLabel: '" + spec_.linux.mount_label +
                                              "' is asked for, and SELinux is not enabled in this kernel");
    }
    if (request_.no_pivot) {
      if (!own_mounts) throw Error(ErrorKind::invalid, "no pivot: needs a mount namespace of the container's own");
      rootfs::plan_without_pivot(*plan_.root);
    }
    if (!spec_.hostname.empty()) refuse_own(spec::NamespaceType::uts, "hostname");
    if (!spec_.domainname.empty()) refuse_own(spec::NamespaceType::uts, "domainname");
    plan_.hostname = spec_.hostname;
    plan_.domainname = spec_.domainname;
    for (const auto& [name, value] : spec_.linux.sysctl) {
      if (auto type = spec::sysctl_namespace(name)) refuse_own(*type, "linux.sysctl." + name);
      plan_.sysctls.push_back({name, "sys/" + spec::sysctl_path(name), value});
    }
  }

  void refuse_own(spec::NamespaceType type, const std::string& field) const {
    if (!ns::joins_own(plan_.namespaces, type)) return;
    throw Error(ErrorKind::invalid, field + ": the " + std::string(ns::type_name(type)) +
                                        " namespace to join is our own: it would be set for the machine");
  }

  const spec::Seccomp* seccomp() const { return spec_.linux.seccomp ? &*spec_.linux.seccomp : nullptr; }

  void plan_process() {
    Dir none;
    const Dir& root = plan_.root ? plan_.root->visible : none;
    SetupRequest setup{*spec_.process, seccomp(), request_.io, root, state_root_};
    if (spec_.linux.personality) setup.personality = &*spec_.linux.personality;
    if (spec_.linux.memory_policy) setup.memory_policy = &*spec_.linux.memory_policy;
    setup.start_by_fifo = request_.start_later;
    ns::IdMaps ids{spec_.linux.uid_mappings, spec_.linux.gid_mappings};
    if (plan_.namespaces.uses_user_namespace()) setup.ids = &ids;
    set_up_process(plan_, record_.program, setup);
    plan_.new_keyring = request_.new_keyring;
    if (request_.start_later) {
      plan_.start_fifo = make_fifo("start");
      plan_.result_fifo = make_fifo("result");
    }
  }

  // Opened for both directions: opening never waits, and reading waits as long as nobody writes.
  Fd make_fifo(const char* name) const {
    checked(mkfifoat(folder_->dir().fd(), name, 0600), "making a fifo in the container's state folder");
    return folder_->dir().open_at(name, O_RDWR | O_NOFOLLOW, 0, Resolve::no_symlinks);
  }

  process::Launched launch() {
    plan_.tell_namespaces = rdt_ || !spec_.linux.net_devices.empty() || !spec_.hooks.prestart.empty() ||
                            !spec_.hooks.create_runtime.empty();
    plan_.signals_blocked = request_.signals_blocked;
    plan_.tell_mounted = plan_.root && !spec_.hooks.create_container.empty();
    process::LaunchRequest request{plan_, process::run_init, *spec_.process, record_.program};
    request.cgroup = cgroup_ ? cgroup_->fd() : -1;
    // Whoever listens to the filter has to hear of it before the program is held up by it.
    bool has_listener = seccomp() != nullptr && !seccomp()->listener_path.empty();
    request.at_once =
        request_.start_at_once && !request_.start_later && !has_listener && spec_.hooks.start_container.empty();
    if (manager_) request.enter_cgroup = [this](pid_t pid) { enter_cgroup(pid); };
    request.before_go = [this] {
      if (cgroup_) cgroup_->limit_devices(spec_.linux.resources.devices);
    };
    request.on_cloned = [this](pid_t pid) { note_pid(pid); };
    request.on_namespaces = [this](const Child& child) {
      rdt::add(record_.rdt.tasks, child.pid());
      ns::move_net_devices(child.pidfd(), spec_.linux.net_devices);
      hooks_ran_ = true;
      hooks::run("prestart", spec_.hooks.prestart, state_now());
      hooks::run("createRuntime", spec_.hooks.create_runtime, state_now());
    };
    request.on_mounted = [this](const Child& child) {
      hooks_ran_ = true;
      run_create_container(spec_.hooks.create_container, state_now(), child.pidfd(), record_.namespaces);
    };
    request.on_listener = [this](pid_t pid, Fd listener) {
      listener_->hand_over(pid, std::move(listener), state_now());
    };
    return process::launch(request);
  }

  void note_pid(pid_t pid) {
    record_.pid = pid;
    record_.start_time = find_start_time(pid).value_or(0);
    folder_->write_process(record_);
  }

  std::string state_now() const { return state_document(record_, ContainerStatus::creating); }

  std::unique_ptr<PreparedProcess::State> hand_over(process::Launched launched) {
    auto state = std::make_unique<PreparedProcess::State>(
        PreparedProcess::State{std::move(launched.child), std::move(launched.sync), std::move(launched.terminal)});
    state->let_go = launched.let_go;
    state->program = record_.program;
    state->state_root = state_root_;
    state->container = request_.id;
    state->record = record_;
    state->start_container = spec_.hooks.start_container;
    state->poststart = spec_.hooks.poststart;
    return state;
  }

  const std::string& state_root_;
  CgroupManager cgroup_manager_;
  const CreateRequest& request_;
  const spec::Spec& spec_;
  std::optional<Folder> folder_;
  std::optional<SeccompListener> listener_;
  std::optional<rdt::Plan> rdt_;
  std::string resctrl_;  // where it is mounted
  std::optional<cgroup::Hierarchy> hierarchy_;
  std::unique_ptr<cgroup::Manager> manager_;  // none: the container stays in the caller's cgroup
  cgroup::Place place_;
  std::optional<cgroup::Cgroup> cgroup_;
  Record record_;
  process::Plan plan_;
  bool hooks_ran_ = false;
  Rollback undo_;  // last, so that it acts while all above still stands
};

}  // namespace
}  // namespace container

std::string default_runtime_root() {
  if (geteuid() == 0) return kDefaultRuntimeRoot;
  const char* folder = secure_getenv("XDG_RUNTIME_DIR");
  if (folder != nullptr && folder[0] == '/') return std::string(folder) + "/ctr-runtime";
  return "/run/user/" + std::to_string(geteuid()) + "/ctr-runtime";
}

Runtime::Runtime(RuntimeConfig config)
    : root_(std::move(config.state_root)), cgroup_manager_(config.cgroup_manager), criu_(std::move(config.criu)) {
  if (root_.empty() || root_.front() != '/') {
    throw Error(ErrorKind::invalid, "state root '" + root_ + "' is not an absolute path");
  }
}

UnreapedProcess Runtime::restore(const RestoreRequest& request) const {
  return container::Creation(root_, cgroup_manager_, request.container).restore(request, criu_);
}

PreparedProcess Runtime::create(const CreateRequest& request) const {
  return PreparedProcess(container::Creation(root_, cgroup_manager_, request).run());
}

}  // namespace crun
