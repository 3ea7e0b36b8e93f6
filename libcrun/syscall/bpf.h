// bpf(2), which glibc does not wrap.
#pragma once

#include <linux/bpf.h>

#include <cstddef>

namespace crun::syscall {

// Gives bpf(2)'s result, or -errno. A new fd is close-on-exec. size: of what the caller knows of the union.
int bpf(bpf_cmd command, bpf_attr* attributes, size_t size) noexcept;

}  // namespace crun::syscall
