// Each thing that a container's first process, or one that joins it, does before its program runs. Seen by the child,
// by the stage (which has no libc) and by the parent, which makes an error's text from it.
#pragma once

#include <stdint.h>

namespace crun::process {

enum class Step : uint32_t {
  none,
  // The child, in the order of its life.
  guard,
  signals,
  session,
  keyring,
  join_namespace,  // index: of the joined namespace
  cgroup_namespace,
  time_namespace,
  user_namespace,
  entry,
  loopback,
  hostname,
  domainname,
  sysctl,  // index: of the sysctl
  propagation,
  attach_root,
  mount,   // index: of the mount
  device,  // index: of the device
  link,    // index: of the link
  terminal,
  null_device,
  console,
  mask,       // index: of the masked path
  read_only,  // index: of the read-only path
  root_options,
  pivot,
  private_proc,
  stage,
  // The stage.
  scheduler,
  io_priority,
  affinity,
  memory_policy,
  personality,
  rlimit,  // index: of the limit
  label,
  working_directory,
  groups,
  group,
  user,
  bounding,  // index: the capability
  capabilities,
  ambient,  // index: the capability
  no_new_privileges,
  seccomp,
  death_signal,
  wait_for_start,
  execute,  // index: of the candidate that was there, or -1 where none was
};

enum class MessageType : uint32_t {
  go,          // parent -> child: what you wait for is done
  cloned,      // entry -> parent: with the child's pidfd; index: its pid
  namespaces,  // child -> parent: I am in my namespaces, and wait for a go
  mounted,     // child -> parent: all is mounted, the root is not changed yet, and I wait for a go
  terminal,    // child -> parent: with the pty's master
  listener,    // stage -> parent: with the seccomp listener's fd
  ready,       // stage -> parent: all is set up; a go executes the program
  failed,      // child or stage -> parent: step, error and index are set
};

// One datagram of the sync socket, one record of the result fifo.
struct Message {
  MessageType type;
  Step step;
  int32_t error;  // positive errno
  int32_t index;
};

}  // namespace crun::process
