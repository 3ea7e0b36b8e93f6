#include "engine/monitor/become.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/pipe.h"
#include "crun/error.h"
#include "libcrun/cgroup/hierarchy.h"

namespace crun::engine {
namespace {

Fd open_folder(const std::string& path) {
  Fd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) throw SysError(errno, "opening folder " + path);
  return fd;
}

Fd duplicate(int fd, int least) { return Fd(checked(fcntl(fd, F_DUPFD_CLOEXEC, least), "duplicating a descriptor")); }

std::string program_path(const std::string& libexec) { return libexec + "/ctr-monitor"; }

// Each at its number of MonitorFd, inherited; first all above those numbers, so that none is overwritten before it
// moved.
void place(MonitorLaunch& monitor) {
  for (Fd& fd : monitor.fds) {
    if (fd && fd.get() < kFdEnd) fd = duplicate(fd.get(), kFdEnd);
  }
  Fd nothing(checked(open("/dev/null", O_RDWR | O_CLOEXEC), "opening /dev/null"));
  if (nothing.get() < kFdEnd) nothing = duplicate(nothing.get(), kFdEnd);
  for (int number = 0; number < kFdPlan; ++number) checked(dup2(nothing.get(), number), "placing /dev/null");
  for (int number = kFdPlan; number < kFdEnd; ++number) {
    if (monitor.fds[number]) {
      checked(dup2(monitor.fds[number].get(), number), "placing a descriptor");
    } else {
      close(number);
    }
  }
  // Whatever the caller had inherited and never heard of must not be kept open by a process that lives on.
  checked(close_range(kFdEnd, ~0U, CLOSE_RANGE_CLOEXEC), "marking descriptors close-on-exec");
}

}  // namespace

void check_monitor(const std::string& libexec) {
  std::string program = program_path(libexec);
  if (access(program.c_str(), X_OK) == 0) return;
  throw SysError(errno, "container monitor " + program + " (--libexec says where ctr's own programs are)");
}

void open_places(MonitorLaunch& monitor, const Places& places, const ContainerLock& lock) {
  monitor.fds[kFdState] = duplicate(lock.folder().fd(), kFdEnd);
  monitor.fds[kFdLock] = duplicate(lock.fd(), kFdEnd);
  monitor.fds[kFdLog] = open_folder(places.storage());
  monitor.fds[kFdRuntimeParent] = open_folder(places.runtime_root);
  cgroup::Hierarchy hierarchy = cgroup::Hierarchy::find();
  monitor.fds[kFdCgroupParent] = open_folder(hierarchy.mount_point() + "/ctr");
  if (places.storage_parent == places.state_parent) return;
  monitor.fds[kFdStorageParent] = open_folder(places.storage_parent);
  monitor.fds[kFdStateParent] = open_folder(places.state_parent);
}

void become_monitor(const std::string& libexec, MonitorLaunch& monitor) {
  std::string program = program_path(libexec);
  Pipe pipe = Pipe::make();
  write_all(pipe.write_end.get(), {reinterpret_cast<const char*>(&monitor.plan), sizeof monitor.plan}, "the plan");
  monitor.fds[kFdPlan] = std::move(pipe.read_end);
  pipe.write_end.reset();
  place(monitor);
  const char* arguments[] = {"ctr-monitor", monitor.plan.id, nullptr};
  const char* environment[] = {nullptr};
  execve(program.c_str(), const_cast<char**>(arguments), const_cast<char**>(environment));
  throw SysError(errno, "executing " + program);
}

}  // namespace crun::engine
