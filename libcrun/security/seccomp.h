// A profile -> the kernel's filter program, and the cache of compiled ones: libseccomp needs 1-7 ms to build docker's
// profile, reading it back costs some 20 us.
// Source: config-linux.md "Seccomp", seccomp(2), libseccomp.
#pragma once

#include <linux/filter.h>

#include <optional>
#include <string>
#include <vector>

#include "base/dir.h"
#include "libcrun/spec/spec.h"

namespace crun::security {

struct SeccompFilter {
  std::vector<sock_filter> program;  // for sock_fprog, host byte order; at most BPF_MAXINSNS
  unsigned flags = 0;                // SECCOMP_FILTER_FLAG_* for seccomp(2)
};

// Builds it with libseccomp (binary tree). A syscall name that libseccomp does not know is skipped, as docker's profile
// expects; an architecture it does not know is Error{unsupported}. Throws Error{invalid} for what no filter can
// express.
SeccompFilter compile_seccomp(const spec::Seccomp& profile);

// The same by way of `cache`: a folder that root alone may write to (Error{denied} else), of files that are compared in
// full with what was asked for, so neither a collision nor a half-written file is ever used. A cache that cannot be
// written or holds garbage is not an error: the filter is compiled.
SeccompFilter cached_seccomp(const spec::Seccomp& profile, const Dir& cache);

// SECCOMP_FILTER_FLAG_* of the profile: they depend on the kernel, not on the program. Error{unsupported} for one that
// it lacks.
unsigned seccomp_flags(const spec::Seccomp& profile);

// Whether a rule of it, or its default, asks a listener.
bool seccomp_notifies(const spec::Seccomp& profile);

// What this build's libseccomp and the running kernel can do, for the features document.
bool seccomp_supported(spec::SeccompAction action);
bool seccomp_flag_supported(spec::SeccompFlag flag);
bool seccomp_arch_known(spec::SeccompArch arch);

}  // namespace crun::security
