// Labels of the security modules that a payload gets at its execve: AppArmor's profile, SELinux's context.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace crun::security {

// What the child writes, in one write(2), right before execve. `files` in order: the first that exists is taken.
struct ExecLabel {
  std::string files[2];  // below the private procfs's own folder: "attr/apparmor/exec", "attr/exec"; empty: none
  std::string value;     // "exec docker-default"
};

bool apparmor_enabled();  // the module is on in this kernel
// Whether the kernel has loaded it. Nothing where AppArmor is off, or its list cannot be seen (no securityfs).
std::optional<bool> has_apparmor_profile(std::string_view profile);
bool selinux_enabled();

// Nothing for an empty profile, and for "unconfined" where AppArmor is off. Throws Error{unsupported} where a profile
// is asked for and AppArmor is off, Error{not_found} where the kernel has not loaded it.
std::optional<ExecLabel> apparmor_label(std::string_view profile);
// label: "system_u:system_r:container_t:s0:c1,c2". Throws Error{unsupported} where SELinux is off.
std::optional<ExecLabel> selinux_label(std::string_view label);

}  // namespace crun::security
