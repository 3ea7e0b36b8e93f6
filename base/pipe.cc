#include "base/pipe.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crun/error.h"

namespace crun {

Pipe Pipe::make() {
  int ends[2];
  checked(pipe2(ends, O_CLOEXEC), "making a pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

SocketPair SocketPair::make() {
  int ends[2];
  checked(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "making a socket pair");
  return SocketPair{Fd(ends[0]), Fd(ends[1])};
}

}  // namespace crun
