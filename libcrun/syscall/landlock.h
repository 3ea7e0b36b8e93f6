// landlock(7), which glibc does not wrap. Linux 5.13.
#pragma once

#include <linux/landlock.h>

namespace crun::syscall {

// The highest version of landlock's interface that this kernel has; or -errno (ENOSYS, EOPNOTSUPP: none).
int landlock_version() noexcept;
// A new ruleset, close-on-exec; or -errno.
int landlock_create_ruleset(const landlock_ruleset_attr& attributes) noexcept;
// 0 or -errno.
int landlock_add_path_rule(int ruleset, const landlock_path_beneath_attr& rule) noexcept;
int landlock_restrict_self(int ruleset) noexcept;

}  // namespace crun::syscall
