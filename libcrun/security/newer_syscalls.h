// System calls that are newer than the libseccomp at hand. Two things follow from a profile's being older than the
// kernel: a call that the profile names and libseccomp does not know must still be allowed, and one that the profile's
// author could not know must fail with ENOSYS, not EPERM, or a newer libc would not fall back to the older call.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "libcrun/spec/spec.h"

namespace crun::security {

// From number 424 on, all architectures but MIPS and Alpha number system calls alike (since Linux 5.1).
inline constexpr int kFirstCommonNumber = 424;

// Of the calls in our own table (Linux 6.2 to 6.17).
std::optional<int> newer_syscall(std::string_view name) noexcept;

struct NewerRules {
  struct Rule {
    int number;
    uint32_t result;  // SECCOMP_RET_*
  };
  std::vector<Rule> rules;
  int largest_named = 0;  // above it: ENOSYS; 0: nothing fails
};

// Puts instructions in front of `program` that decide the above for these architectures and pass on all else.
// Nothing is done where an architecture numbers its calls otherwise.
void prepend_newer(std::vector<sock_filter>& program, const std::vector<spec::SeccompArch>& architectures,
                   const NewerRules& newer);

}  // namespace crun::security
