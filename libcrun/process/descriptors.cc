// The child's descriptors at its end: 0 to 2, the preserved ones with their numbers, and right above them the few of
// the stage. All others, ours and the calling program's, go with the execve.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "libcrun/process/child.h"
#include "libcrun/syscall/fd_path.h"
#include "libcrun/syscall/syscall.h"

namespace crun::process {
namespace {

// Copies to above every number that is about to be given, so that no dup3 overwrites what is still needed.
int lift(int& fd, int lowest) noexcept {
  if (fd < 0 || fd >= lowest) return 0;
  int high = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
  if (high < 0) return -errno;
  fd = high;
  return 0;
}

// A number without use is closed: the calling program may have left one open there.
int place(int fd, int number) noexcept {
  if (fd >= 0) return dup2(fd, number) < 0 ? -errno : 0;
  close(number);
  return 0;
}

bool is_null_device(int fd) noexcept {
  constexpr unsigned kMajor = 1, kMinor = 3;
  struct stat status {};
  return fd >= 0 && fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(kMajor, kMinor);
}

// -1 where there is none. Looked at before it is opened: to open what an image has in its place could do something.
int open_own_null() noexcept {
  constexpr const char* kNull = "/dev/null";
  int seen = open(kNull, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (seen < 0) return -1;
  int null = is_null_device(seen) ? open(kNull, O_RDWR | O_NOFOLLOW | O_CLOEXEC) : -1;
  close(seen);
  return null;
}

constexpr size_t kSocket = 3;  // its place in the layout

struct Layout {
  int fd;
  int number;
};

}  // namespace

int use_own_null(const Plan& plan) noexcept {
  if (plan.terminal) return 0;
  int null = -1;
  int error = 0;
  for (int fd : {plan.stdio[0], plan.stdio[1], plan.stdio[2], plan.dev_null.get()}) {
    if (!is_null_device(fd)) continue;
    if (null < 0) null = open_own_null();
    if (null < 0) return 0;
    if (dup3(null, fd, fd > 2 ? O_CLOEXEC : 0) < 0) error = -errno;
  }
  if (null >= 0) close(null);
  return error;
}

int enter_stage(const Plan& plan, int slave, int proc, int& socket) noexcept {
  StageFds numbers = stage_fds(plan.preserve_fds);
  auto stdio = [&](int i) { return slave >= 0 ? slave : plan.stdio[i] >= 0 ? plan.stdio[i] : plan.dev_null.get(); };
  Layout layout[] = {{stdio(0), 0},
                     {stdio(1), 1},
                     {stdio(2), 2},
                     {socket, numbers.sync()},
                     {plan.start_fifo.get(), numbers.start()},
                     {plan.result_fifo.get(), numbers.result()},
                     {proc, numbers.proc()},
                     {plan.blob.get(), numbers.blob()}};
  int stage = plan.stage;
  int error = lift(stage, numbers.end());
  for (Layout& entry : layout) {
    if (error == 0) error = lift(entry.fd, numbers.end());
  }
  socket = layout[kSocket].fd;
  for (const Layout& entry : layout) {
    if (error == 0) error = place(entry.fd, entry.number);
  }
  for (int fd = 3; fd < numbers.first && error == 0; ++fd) {
    if (fcntl(fd, F_SETFD, 0) != 0) error = -errno;
  }
  if (error == 0) error = syscall::close_range_cloexec(static_cast<unsigned>(numbers.end()));
  if (error != 0) return error;
  char name[] = "ctr-stage";
  syscall::Decimal blob(numbers.blob());
  char* arguments[] = {name, blob.text, nullptr};
  char* environment[] = {nullptr};
  return syscall::execute_fd(stage, arguments, environment);
}

}  // namespace crun::process
