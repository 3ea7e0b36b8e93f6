// The questions of seccomp(2), which glibc does not wrap. Setting a filter is the stage program's work.
#pragma once

#include <cstdint>

namespace crun::syscall {

// action: SECCOMP_RET_*. Linux 4.14.
bool seccomp_has_action(uint32_t action) noexcept;

// flag: SECCOMP_FILTER_FLAG_*, one bit.
bool seccomp_has_flag(unsigned flag) noexcept;

}  // namespace crun::syscall
