#include "libcrun/ns/namespaces.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "crun/error.h"
#include "libcrun/ns/time_offsets.h"
#include "libcrun/syscall/syscall.h"

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

void add_new(NamespacePlan& plan, const Kind& kind) {
  if (kind.flag == CLONE_NEWCGROUP) {
    plan.create_cgroup = true;
  } else if (kind.flag != CLONE_NEWTIME || plan.time_offsets.empty()) {
    plan.create |= static_cast<unsigned>(kind.flag);
  }
}

void add_joined(NamespacePlan& plan, const Kind& kind, const std::string& path) {
  Fd fd = open_namespace(kind, path);
  if (kind.flag == CLONE_NEWUSER) {
    plan.joined_user = std::move(fd);
  } else if (kind.flag == CLONE_NEWPID && !plan.by_entry) {
    plan.joined_pid = std::move(fd);
  } else {
    plan.joined.push_back(Joined{kind.flag, path, std::move(fd)});
  }
}

}  // namespace

std::string_view type_name(spec::NamespaceType type) { return kind_of(type).name; }

NamespacePlan plan_namespaces(const spec::Linux& wanted) {
  NamespacePlan plan;
  const spec::Namespace* own_user = wanted.find_namespace(user);
  bool joins = std::any_of(wanted.namespaces.begin(), wanted.namespaces.end(),
                           [](const spec::Namespace& entry) { return !entry.path.empty(); });
  plan.by_entry = own_user != nullptr && joins;
  if (own_user != nullptr && own_user->path.empty()) plan.id_maps = {wanted.uid_mappings, wanted.gid_mappings};
  if (wanted.time_offsets) plan.time_offsets = time_offsets_text(*wanted.time_offsets);
  for (const spec::Namespace& entry : wanted.namespaces) {
    const Kind& kind = kind_of(entry.type);
    if (entry.path.empty()) {
      add_new(plan, kind);
    } else {
      add_joined(plan, kind, entry.path);
    }
  }
  return plan;
}

unsigned namespaces_of(const spec::Linux& wanted) {
  unsigned flags = 0;
  for (const spec::Namespace& entry : wanted.namespaces) flags |= static_cast<unsigned>(kind_of(entry.type).flag);
  return flags;
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

NamespacePlan plan_join_process(int pidfd, unsigned namespaces) {
  NamespacePlan plan;
  Fd all(checked(fcntl(pidfd, F_DUPFD_CLOEXEC, 3), "duplicating a process's descriptor"));
  if ((namespaces & CLONE_NEWUSER) != 0) {
    // One setns(2) for all: the user namespace's rights are not needed for those that the caller's reach.
    plan.by_entry = true;
    plan.joined.push_back(Joined{static_cast<int>(namespaces), "", std::move(all)});
    return plan;
  }
  plan.joined_pid.reset(checked(fcntl(pidfd, F_DUPFD_CLOEXEC, 3), "duplicating a process's descriptor"));
  constexpr unsigned kAlways = CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWNS;
  plan.joined.push_back(Joined{static_cast<int>(kAlways | (namespaces & CLONE_NEWTIME)), "", std::move(all)});
  return plan;
}

// What belongs to the machine is joined with the caller's rights, what they do not reach with those that the user
// namespace gives.
int join(const NamespacePlan& plan, int& index) noexcept {
  uint32_t left = 0;
  index = 0;
  for (const Joined& entry : plan.joined) {
    if (setns(entry.fd.get(), entry.type) != 0) {
      if (errno != EPERM || !plan.joined_user) return -errno;
      left |= 1U << index;
    }
    ++index;
  }
  if (plan.joined_user && setns(plan.joined_user.get(), CLONE_NEWUSER) != 0) return -errno;
  index = 0;
  for (const Joined& entry : plan.joined) {
    if ((left >> index & 1) != 0 && setns(entry.fd.get(), entry.type) != 0) return -errno;
    ++index;
  }
  return 0;
}

int become_root() noexcept {
  int error = syscall::drop_groups();
  // EPERM: setgroups(2) is denied there for good, EINVAL: no such id is mapped.
  if (error < 0 && error != -EPERM) return error;
  error = syscall::become(0, 0);
  return error == -EINVAL ? 0 : error;
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
