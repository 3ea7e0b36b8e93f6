// openat2(2), which glibc 2.36 does not wrap. Linux 5.6.
#pragma once

#include <linux/openat2.h>

#include <cstdint>

namespace crun {

// Raw and async-signal-safe: no allocation, no errno of glibc's beyond what syscall(2) sets.
// how.resolve: RESOLVE_* of linux/openat2.h. O_CLOEXEC is added. Returns the fd, or -errno.
// Tries again on EAGAIN, which a racing rename or mount makes the kernel return, a bounded number of times.
int openat2_raw(int dir_fd, const char* path, int flags, unsigned mode, uint64_t resolve) noexcept;

}  // namespace crun
