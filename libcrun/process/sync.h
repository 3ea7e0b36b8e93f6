// The one protocol between the parent and a container's child, then its stage:
//
//   parent                             child
//     |  ---- clone3 ------------------> |
//     |  ---- go ----------------------> |  only where it could not be cloned into its cgroup, or where it needs ids
//     |                                  |    of a new user namespace
//     |  <--- namespaces --------------- |  only where there are prestart or createRuntime hooks:
//     |  ---- go ----------------------> |    they run between the two
//     |  <--- mounted ------------------ |  only where there are createContainer hooks: likewise
//     |  ---- go ----------------------> |
//     |  <--- terminal, with an fd ----- |  only where there is a terminal
//     |                                stage
//     |  <--- listener, with an fd ----- |  only where the seccomp filter notifies somebody
//     |  <--- ready -------------------- |
//     |  ---- go ----------------------> |  or, from another process, any byte into the start fifo
//     |  <--- end of file -------------- |  the program runs (of the result fifo, in the other process)
//
// With a process in between (entry.cc): it gets a go, says `cloned` with the child's pidfd and ends; all else is the
// child's, over the same socket, after a go of its own.
//
// Instead of any of its messages the child says `failed`, shuts its end for writing, and waits to be killed. One
// datagram a message, over a close-on-exec SOCK_SEQPACKET pair; fds by SCM_RIGHTS. End of file in the parent before
// `ready`: the child was killed.
#pragma once

#include <optional>

#include "base/pipe.h"
#include "crun/fd.h"
#include "libcrun/process/steps.h"

namespace crun::process {

// The child's side: nothing is allocated, nothing thrown; each gives 0 or -errno.
namespace child_side {
int send(int socket, const Message& message, int fd = -1) noexcept;
int wait_for_go(int socket) noexcept;  // -EPIPE where the parent is gone
}  // namespace child_side

class ParentSide {
 public:
  explicit ParentSide(Fd socket) noexcept : socket_(std::move(socket)) {}

  struct Received {
    Message message{};
    Fd fd;
  };
  // Nothing at end of file. Throws SysError, Error{internal} for a datagram that is no message.
  std::optional<Received> receive() const;
  // Returns when the child says no more: its program runs, it has failed, or it is dead. receive() then tells which.
  // Waking for each of its messages would take the processor from it. Throws SysError.
  void wait_for_last() const;
  void send_go() const;  // a child that is gone is not an error: receive() will tell
  int fd() const noexcept { return socket_.get(); }
  void close() noexcept { socket_.reset(); }

 private:
  Fd socket_;
};

}  // namespace crun::process
