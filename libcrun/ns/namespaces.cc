#include "libcrun/ns/namespaces.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "crun/error.h"

namespace crun::ns {
namespace {

struct Kind {
  spec::NamespaceType type;
  int flag;
  const char* name;  // the spec's
};

using enum spec::NamespaceType;
constexpr Kind kKinds[] = {
    {user, CLONE_NEWUSER, "user"}, {ipc, CLONE_NEWIPC, "ipc"},
    {uts, CLONE_NEWUTS, "uts"},    {network, CLONE_NEWNET, "network"},
    {pid, CLONE_NEWPID, "pid"},    {spec::NamespaceType::cgroup, CLONE_NEWCGROUP, "cgroup"},
    {time, CLONE_NEWTIME, "time"}, {mount, CLONE_NEWNS, "mount"},
};

const Kind& kind_of(spec::NamespaceType type) {
  for (const Kind& kind : kKinds) {
    if (kind.type == type) return kind;
  }
  throw Error(ErrorKind::internal, "unknown type of namespace");
}

Fd open_namespace(const Kind& kind, const std::string& path) {
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) throw SysError(errno, "opening " + std::string(kind.name) + " namespace " + path);
  if (ioctl(fd.get(), NS_GET_NSTYPE) != kind.flag) {
    throw Error(ErrorKind::invalid, path + " is not a " + kind.name + " namespace");
  }
  return fd;
}

}  // namespace

std::string_view type_name(spec::NamespaceType type) { return kind_of(type).name; }

NamespacePlan plan_namespaces(const std::vector<spec::Namespace>& wanted) {
  NamespacePlan plan;
  for (const spec::Namespace& entry : wanted) {
    const Kind& kind = kind_of(entry.type);
    if (entry.type == user || entry.type == time) {
      throw Error(ErrorKind::unsupported, std::string(kind.name) + " namespaces are not supported yet");
    }
    if (entry.path.empty()) {
      if (kind.flag == CLONE_NEWCGROUP) {
        plan.create_cgroup = true;
      } else {
        plan.create |= static_cast<unsigned>(kind.flag);
      }
      continue;
    }
    Fd fd = open_namespace(kind, entry.path);
    if (entry.type == pid) {
      plan.joined_pid = std::move(fd);
    } else {
      plan.joined.push_back(Joined{kind.flag, entry.path, std::move(fd)});
    }
  }
  return plan;
}

bool joins_own(const NamespacePlan& plan, spec::NamespaceType type) {
  const char* own = type == network ? "/proc/thread-self/ns/net"
                    : type == ipc   ? "/proc/thread-self/ns/ipc"
                                    : "/proc/thread-self/ns/uts";
  for (const Joined& entry : plan.joined) {
    if (entry.type != kind_of(type).flag) continue;
    struct stat joined {};
    struct stat ours {};
    checked(fstat(entry.fd.get(), &joined), "reading the status of a namespace");
    checked(stat(own, &ours), "reading the status of our own namespace");
    return joined.st_dev == ours.st_dev && joined.st_ino == ours.st_ino;
  }
  return false;
}

NamespacePlan plan_join_process(int pidfd) {
  NamespacePlan plan;
  plan.joined_pid.reset(checked(fcntl(pidfd, F_DUPFD_CLOEXEC, 3), "duplicating a process's descriptor"));
  Fd all(checked(fcntl(pidfd, F_DUPFD_CLOEXEC, 3), "duplicating a process's descriptor"));
  plan.joined.push_back(
      Joined{CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWNS, "", std::move(all)});
  return plan;
}

int join(const NamespacePlan& plan, int& index) noexcept {
  index = 0;
  for (const Joined& entry : plan.joined) {
    if (setns(entry.fd.get(), entry.type) != 0) return -errno;
    ++index;
  }
  return 0;
}

int bring_up_loopback() noexcept {
  // Any socket takes the interfaces' calls (netdevice(7)); this family needs no module.
  int socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return -errno;
  ifreq request{};
  memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP | IFF_LOOPBACK;
  int result = ioctl(socket_fd, SIOCSIFFLAGS, &request) == 0 ? 0 : -errno;
  close(socket_fd);
  return result;
}

PidNamespaceForChildren::PidNamespaceForChildren(int pid_namespace) {
  if (pid_namespace < 0) return;
  // Of the calling thread: its children may be set otherwise than its process's others.
  own_.reset(checked(open("/proc/thread-self/ns/pid_for_children", O_RDONLY | O_CLOEXEC), "opening our pid namespace"));
  checked(setns(pid_namespace, CLONE_NEWPID), "joining the pid namespace");
}

PidNamespaceForChildren::~PidNamespaceForChildren() {
  if (own_) setns(own_.get(), CLONE_NEWPID);
}

}  // namespace crun::ns
