#include "libcrun/container/setup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/log.h"
#include "libcrun/process/stage_blob.h"
#include "libcrun/process/users.h"
#include "libcrun/rootfs/hidden_paths.h"
#include "libcrun/security/capabilities.h"
#include "libcrun/security/label.h"
#include "libcrun/security/seccomp.h"

namespace crun::container {
namespace {

std::vector<std::string> complete_environment(const spec::Process& process, const Dir& root) {
  std::vector<std::string> environment = process.env;
  for (const std::string& entry : environment) {
    if (entry.rfind("HOME=", 0) == 0) return environment;
  }
  environment.push_back("HOME=" + process::find_home(root, process.user.uid).value_or("/"));
  return environment;
}

security::CapabilitySets capabilities_of(const spec::Process& process, bool own_user_namespace) {
  if (!process.capabilities) return {};
  std::vector<std::string> ignored;
  // What we do not have, inside another container say, we cannot give; a user namespace's first process has them all.
  security::CapabilityMask available = security::host_capabilities();
  if (!own_user_namespace) available &= security::own_capabilities();
  security::CapabilitySets sets = security::resolve_capabilities(*process.capabilities, available, ignored);
  for (const std::string& name : ignored) log_warning("capability " + name + " cannot be given here and is left out");
  return sets;
}

std::optional<security::SeccompFilter> filter_of(const SetupRequest& request) {
  if (request.seccomp == nullptr) return std::nullopt;
  Dir cache = Dir::open_or_make(request.state_root + "/.seccomp", 0700);
  return security::cached_seccomp(*request.seccomp, cache);
}

std::optional<security::ExecLabel> label_of(const spec::Process& process) {
  if (std::optional<security::ExecLabel> label = security::apparmor_label(process.apparmor_profile)) return label;
  return security::selinux_label(process.selinux_label);
}

// A pipe that a program of another user reopens by /dev/stdout must be that user's. Files and terminals of the caller
// keep their owner.
void give_pipes(const ProcessIo& io, uid_t uid) {
  for (int fd : io.stdio) {
    struct stat status {};
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode) || status.st_uid == uid) continue;
    if (fchown(fd, uid, static_cast<gid_t>(-1)) != 0 && errno != EPERM) {
      throw SysError(errno, "giving the process's pipes to user " + std::to_string(uid));
    }
  }
}

void set_up_stdio(process::Plan& plan, const SetupRequest& request) {
  plan.terminal = request.process.terminal;
  plan.console_size = request.process.console_size;
  plan.uid = request.process.user.uid;
  plan.preserve_fds = request.io.preserve_fds;
  if (plan.terminal) return;
  plan.stdio = request.io.stdio;
  plan.dev_null = rootfs::open_dev_null(O_RDWR);
  std::optional<uid_t> owner = plan.uid;
  if (request.ids != nullptr) owner = ns::host_id(request.ids->uids, plan.uid);
  if (owner && *owner != 0) give_pipes(request.io, *owner);
}

}  // namespace

void check_preserved_fds(int count) {
  for (int fd = 3; fd < 3 + count; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) {
      throw Error(ErrorKind::invalid,
                  "cannot preserve " + std::to_string(count) + " descriptors: " + std::to_string(fd) + " is not open");
    }
  }
}

void set_up_process(process::Plan& plan, const process::Program& program, const SetupRequest& request) {
  const spec::Process& process = request.process;
  set_up_stdio(plan, request);
  std::vector<std::string> environment = complete_environment(process, request.root);
  std::optional<security::SeccompFilter> filter = filter_of(request);
  process::StageInput input{process, environment, program.candidates};
  input.capabilities = capabilities_of(process, request.ids != nullptr);
  input.last_capability = security::last_capability();
  input.filter = filter ? &*filter : nullptr;
  input.label = label_of(process);
  input.calls = process::scheduling_calls({process, request.personality, request.memory_policy, request.joins});
  input.preserve_fds = request.io.preserve_fds;
  input.start_by_fifo = request.start_by_fifo;
  input.death_signal = request.io.die_with_parent ? SIGKILL : 0;
  plan.private_proc = input.label.has_value();
  std::string blob = process::make_stage_blob(input);
  plan.blob = process::make_sealed_file("ctr-plan", blob.data(), blob.size(), false);
  plan.stage = process::stage_file();
  if (request.ids != nullptr) process::hide_stage();
}

void write_pid_file(const std::string& path, pid_t pid) {
  if (path.empty()) return;
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  Dir::open(folder).replace_file(name, std::to_string(pid), 0644, false);
}

}  // namespace crun::container
