// The seccomp profile of a container that asks for none: docker's list of system calls, less those that its
// capabilities do not cover, as a pure function.
#pragma once

#include <string_view>

#include "libcrun/security/capabilities.h"
#include "libcrun/spec/spec.h"

namespace crun::security {

struct KernelVersion {
  int major = 0;
  int minor = 0;
  // clang-tidy 14 takes the literal 0 that a defaulted comparison is compared with for a pointer.
  auto operator<=>(const KernelVersion&) const = default;  // NOLINT(modernize-use-nullptr)
};

// "6.1.0-18-amd64" -> {6, 1}. Throws Error{invalid}.
KernelVersion parse_kernel_version(std::string_view release);
KernelVersion host_kernel();  // uname(2)
// The architecture this program runs on. Throws Error{unsupported} for one without a table.
spec::SeccompArch host_arch();

// bounding: the container's bounding set. arch: the native one; its 32-bit companions are added as docker does.
spec::Seccomp default_seccomp(CapabilityMask bounding, spec::SeccompArch arch, KernelVersion kernel);

}  // namespace crun::security
