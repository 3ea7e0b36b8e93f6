// A message and descriptors over a SOCK_SEQPACKET socket (unix(7), SCM_RIGHTS). Async-signal-safe: no allocation.
#pragma once

#include <sys/types.h>

#include <cstddef>

#include "crun/fd.h"

namespace crun {

// fds: borrowed; -1 entries are left out. False, with errno, where it cannot be sent.
bool send_with_fds(int socket, const void* bytes, size_t size, const int* fds, size_t count) noexcept;
bool send_with_fd(int socket, const void* bytes, size_t size, int fd) noexcept;

// Waits for a message. Gives its size (of which `capacity` at most are stored), 0 at the end of file, or -1 with errno.
// fds: set to what came with it, close-on-exec, in order; descriptors beyond `count` are closed.
ssize_t receive_with_fds(int socket, void* bytes, size_t capacity, Fd* fds, size_t count) noexcept;
ssize_t receive_with_fd(int socket, void* bytes, size_t capacity, Fd& fd) noexcept;

}  // namespace crun
