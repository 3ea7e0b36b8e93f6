#include "libcrun/ns/time_offsets.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

#include "libcrun/ns/namespaces.h"

namespace crun::ns {
namespace {

std::string line(const char* clock, const std::optional<spec::TimeOffset>& offset) {
  if (!offset) return "";
  return std::string(clock) + " " + std::to_string(offset->seconds) + " " + std::to_string(offset->nanoseconds) + "\n";
}

int write_offsets(const std::string& text) noexcept {
  int file = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return -errno;
  Fd owner(file);
  struct statfs status {};
  if (fstatfs(file, &status) != 0) return -errno;
  if (status.f_type != PROC_SUPER_MAGIC) return -ENOTSUP;
  return write(file, text.data(), text.size()) < 0 ? -errno : 0;
}

}  // namespace

std::string time_offsets_text(const spec::TimeOffsets& offsets) {
  return line("monotonic", offsets.monotonic) + line("boottime", offsets.boottime);
}

// The offsets can be set only until the first process is in it: so it is entered after that, and not by clone3.
int enter_new_time_namespace(const NamespacePlan& plan) noexcept {
  if (unshare(CLONE_NEWTIME) != 0) return -errno;
  int error = write_offsets(plan.time_offsets);
  if (error != 0) return error;
  int made = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
  if (made < 0) return -errno;
  Fd owner(made);
  return setns(made, CLONE_NEWTIME) == 0 ? 0 : -errno;
}

}  // namespace crun::ns
