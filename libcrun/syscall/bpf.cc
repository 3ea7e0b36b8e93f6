#include "libcrun/syscall/bpf.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace crun::syscall {

int bpf(bpf_cmd command, bpf_attr* attributes, size_t size) noexcept {
  long result = ::syscall(SYS_bpf, command, attributes, size);
  return result < 0 ? -errno : static_cast<int>(result);
}

}  // namespace crun::syscall
