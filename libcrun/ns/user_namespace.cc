#include "libcrun/ns/user_namespace.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/child.h"
#include "crun/error.h"
#include "libcrun/ns/id_maps.h"
#include "libcrun/syscall/syscall.h"

namespace crun::ns {
namespace {

// It only waits to be killed: a user namespace has no other maker than a process in it.
Child clone_into_user_namespace() {
  int pidfd = -1;
  pid_t parent = getpid();
  pid_t pid = syscall::clone3({CLONE_NEWUSER | CLONE_CLEAR_SIGHAND, -1}, pidfd);
  if (pid == 0) {
    // A parent that is killed leaves nobody behind; one that was gone before this line is seen by the next.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == parent) pause();
    _exit(0);
  }
  if (pid < 0) throw SysError(-pid, "making a user namespace for an id-mapped mount");
  return Child(pid, Fd(pidfd));
}

}  // namespace

std::string id_map_text(const std::vector<spec::IdMapping>& mappings) {
  std::string text;
  for (const spec::IdMapping& mapping : mappings) {
    text += std::to_string(mapping.container_id) + " " + std::to_string(mapping.host_id) + " " +
            std::to_string(mapping.size) + "\n";
  }
  return text;
}

Fd make_user_namespace(const std::vector<spec::IdMapping>& uids, const std::vector<spec::IdMapping>& gids) {
  Child holder = clone_into_user_namespace();
  write_id_maps(holder.pid(), {uids, gids});
  std::string space = "/proc/" + std::to_string(holder.pid()) + "/ns/user";
  return Fd(checked(open(space.c_str(), O_RDONLY | O_CLOEXEC), "opening a mount's user namespace"));
}

}  // namespace crun::ns
