// pipe2(2) and socketpair(2), close-on-exec on both ends.
#pragma once

#include "crun/fd.h"

namespace crun {

struct Pipe {
  Fd read_end;
  Fd write_end;
  static Pipe make();  // throws SysError
};

// SOCK_SEQPACKET: one message in, one message out, and end of file when the other side is gone.
struct SocketPair {
  Fd ours;
  Fd theirs;
  static SocketPair make();  // throws SysError
};

}  // namespace crun
