// Which namespaces a process gets: made by clone3(2), or joined by fd (config-linux.md "Namespaces").
#pragma once

#include <sched.h>

#include <string>
#include <vector>

#include "crun/fd.h"
#include "libcrun/ns/id_maps.h"
#include "libcrun/spec/spec.h"

namespace crun::ns {

struct Joined {
  int type = 0;  // CLONE_NEW*, several with a pidfd
  std::string path;
  Fd fd;  // of the namespace, or a pidfd
};

struct NamespacePlan {
  unsigned create = 0;  // CLONE_NEW* for clone3
  bool create_cgroup =
      false;  // unshared by the child: clone3 would root it where the parent is, not where the child goes
  std::vector<Joined> joined;  // by the child, in this order
  Fd joined_pid;               // by the parent for its next child: joining takes effect on children alone (setns(2))

  // A process between parent and child joins all of `joined` (pid namespaces too) and makes the child: where the user
  // namespace that the child's new namespaces belong to is joined, or where one is made and others are joined that do
  // not belong to it.
  bool by_entry = false;
  Fd joined_user;  // by that process, when it has joined all that it may with the caller's rights
  IdMaps id_maps;  // of a user namespace that is made

  std::string time_offsets;  // for timens_offsets, of a time namespace that the child unshares; empty: none

  bool uses_user_namespace() const noexcept { return by_entry || creates(CLONE_NEWUSER); }
  bool creates(int type) const noexcept { return (create & static_cast<unsigned>(type)) != 0; }
};

// Opens what is to be joined. Throws Error{invalid} where a path is no namespace of that type, SysError.
NamespacePlan plan_namespaces(const spec::Linux& wanted);

// CLONE_NEW* of all that the container does not share with who makes it.
unsigned namespaces_of(const spec::Linux& wanted);

// Whether a namespace of that type (network, ipc or uts) is joined by a path that leads to the caller's own: what is
// set "in the container's" is then set for the machine.
bool joins_own(const NamespacePlan& plan, spec::NamespaceType type);

// All namespaces of a running process, for exec, by its pidfd (setns(2), Linux 5.8): no other can have taken its
// number. namespaces: the container's (namespaces_of); what it shares with its maker is joined too, but not by way of
// a user namespace of its own, whose rights do not reach there.
NamespacePlan plan_join_process(int pidfd, unsigned namespaces);

// In the child: 0 or -errno; index: of the one that failed.
int join(const NamespacePlan& plan, int& index) noexcept;

// In the child, in a user namespace: becomes its root, without groups, so that what it makes belongs there. Where the
// namespace has no root it stays what it is. 0 or -errno.
int become_root() noexcept;

// In the child: makes a time namespace with plan.time_offsets, and enters it. By the caller's /proc. 0 or -errno.
int enter_new_time_namespace(const NamespacePlan& plan) noexcept;

// In the child, in a network namespace of its own: 0 or -errno. As runc and crun do: a loopback interface that is down
// is of no use to anybody, and its program may have no CAP_NET_ADMIN.
int bring_up_loopback() noexcept;

// Makes the next children of this thread members of `pid_namespace` until it is destroyed. Throws SysError.
class PidNamespaceForChildren {
 public:
  explicit PidNamespaceForChildren(int pid_namespace);  // -1: changes nothing
  PidNamespaceForChildren(const PidNamespaceForChildren&) = delete;
  PidNamespaceForChildren& operator=(const PidNamespaceForChildren&) = delete;
  ~PidNamespaceForChildren();

 private:
  Fd own_;
};

std::string_view type_name(spec::NamespaceType type);

}  // namespace crun::ns
