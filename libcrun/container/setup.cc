#include "libcrun/container/setup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

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

security::CapabilitySets capabilities_of(const spec::Process& process) {
  if (!process.capabilities) return {};
  std::vector<std::string> ignored;
  // What we do not have, inside another container say, we cannot give.
  security::CapabilityMask available = security::host_capabilities() & security::own_capabilities();
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
  if (plan.uid != 0) give_pipes(request.io, plan.uid);
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
  input.capabilities = capabilities_of(process);
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
}

Fd connect_console(const std::string& path) {
  if (path.empty()) return {};
  Fd socket(checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "making a socket"));
  // sun_path holds 108 bytes: a longer path goes by its folder's descriptor.
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  Fd parent(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!parent) throw SysError(errno, "opening the folder of console socket " + path);
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  std::string address_path = "/proc/self/fd/" + std::to_string(parent.get()) + "/" + name;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (address_path.size() >= sizeof address.sun_path) {
    throw Error(ErrorKind::invalid, "console socket " + path + ": its name is too long");
  }
  memcpy(address.sun_path, address_path.c_str(), address_path.size() + 1);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw SysError(errno, "connecting to console socket " + path);
  }
  return socket;
}

void send_terminal(int socket, int master) {
  char name[] = "/dev/ptmx";  // receivers want at least one byte; runc sends the name
  iovec part{name, sizeof name - 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof master);
  memcpy(CMSG_DATA(header), &master, sizeof master);
  checked(sendmsg(socket, &message, MSG_NOSIGNAL), "sending the terminal to the console socket");
}

void write_pid_file(const std::string& path, pid_t pid) {
  if (path.empty()) return;
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  Dir::open(folder).replace_file(name, std::to_string(pid), 0644, false);
}

}  // namespace crun::container
