#include "libexec/sandbox/landlock.h"

#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "crun/error.h"
#include "crun/fd.h"

namespace crun::sandbox {
namespace {

constexpr uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kWriting = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                              LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                              LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                              LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                              LANDLOCK_ACCESS_FS_MAKE_SYM;
constexpr uint64_t kRefer = 1ULL << 13;     // version 2, Linux 5.19: links and renames between folders
constexpr uint64_t kTruncate = 1ULL << 14;  // version 3, Linux 6.2

}  // namespace

void restrict_files(int root, bool writable) {
  long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 2) return;
  uint64_t truncate = version >= 3 ? kTruncate : 0;
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = kReading | kWriting | kRefer | truncate | LANDLOCK_ACCESS_FS_EXECUTE;
  Fd ruleset(static_cast<int>(
      checked(syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0), "sandbox: landlock_create_ruleset")));
  landlock_path_beneath_attr rule{};
  rule.allowed_access = kReading | (writable ? kWriting | kRefer | truncate : 0);
  rule.parent_fd = root;
  checked(syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0),
          "sandbox: landlock_add_rule");
  checked(syscall(SYS_landlock_restrict_self, ruleset.get(), 0), "sandbox: landlock_restrict_self");
}

}  // namespace crun::sandbox
