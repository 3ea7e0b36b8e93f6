#include "libexec/sandbox/landlock.h"

#include <cstdint>

#include "crun/error.h"
#include "crun/fd.h"
#include "libcrun/syscall/landlock.h"

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

int checked_result(int result, const char* what) {
  if (result < 0) throw SysError(-result, what);
  return result;
}

void allow(int ruleset, int folder, uint64_t access) {
  landlock_path_beneath_attr rule{};
  rule.allowed_access = access;
  rule.parent_fd = folder;
  checked_result(syscall::landlock_add_path_rule(ruleset, rule), "sandbox: landlock_add_rule");
}

}  // namespace

void restrict_files(int root, bool writable, const std::vector<int>& readable) {
  int version = syscall::landlock_version();
  if (version < 2) return;
  uint64_t truncate = version >= 3 ? kTruncate : 0;
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = kReading | kWriting | kRefer | truncate | LANDLOCK_ACCESS_FS_EXECUTE;
  Fd ruleset(checked_result(syscall::landlock_create_ruleset(handled), "sandbox: landlock_create_ruleset"));
  allow(ruleset.get(), root, kReading | (writable ? kWriting | kRefer | truncate : 0));
  for (int folder : readable) allow(ruleset.get(), folder, kReading);
  checked_result(syscall::landlock_restrict_self(ruleset.get()), "sandbox: landlock_restrict_self");
}

}  // namespace crun::sandbox
