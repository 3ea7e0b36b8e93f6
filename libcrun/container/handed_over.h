// What a caller who names a unix socket gets from us: the terminal's master (runc's --console-socket) and a pidfd
// (--pidfd-socket).
#pragma once

#include <string>

#include "crun/fd.h"

namespace crun::container {

// The connection to a stream socket; empty for an empty path. what: "console socket", for the error. Throws SysError.
Fd connect_unix(const std::string& path, const std::string& what);

// Nothing for socket -1. Throw SysError.
void hand_over_terminal(int socket, int master);
// kind: "standard" for a container's first process, "setns" for another one, as runc tells them apart.
void hand_over_pidfd(int socket, int pidfd, const std::string& kind);

}  // namespace crun::container
