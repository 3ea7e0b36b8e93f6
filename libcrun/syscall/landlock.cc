#include "libcrun/syscall/landlock.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "libcrun/syscall/syscall.h"

namespace crun::syscall {

int landlock_version() noexcept {
  return result_of(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION)));
}

int landlock_create_ruleset(const landlock_ruleset_attr& attributes) noexcept {
  return result_of(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
}

int landlock_add_path_rule(int ruleset, const landlock_path_beneath_attr& rule) noexcept {
  return result_of(static_cast<int>(::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0)));
}

int landlock_restrict_self(int ruleset) noexcept {
  return result_of(static_cast<int>(::syscall(SYS_landlock_restrict_self, ruleset, 0)));
}

}  // namespace crun::syscall
