// An overlay for kernels without `lowerdir+`: mount(2) takes one page of options, so the layers get short names.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/fd_passing.h"
#include "base/pipe.h"
#include "crun/error.h"
#include "engine/rootfs/overlay.h"

namespace crun::engine {
namespace {

// Number n as a name of two digits of 36: 500 of them, with colons, are 1500 bytes.
std::string short_name(size_t number) {
  constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  return {kDigits[number / 36 % 36], kDigits[number % 36]};
}

struct ChildPlan {
  std::vector<std::string> names;
  std::string options;
  const OverlayLayers& layers;
};

ChildPlan make_plan(const OverlayLayers& layers) {
  ChildPlan plan{{}, "userxattr,lowerdir=", layers};
  for (size_t i = 0; i < layers.lowers.size(); ++i) {
    plan.names.push_back(short_name(i));
    plan.options += (i > 0 ? ":" : "") + plan.names.back();
  }
  if (!layers.upper.empty())
    plan.options += layers.throw_away ? ",upperdir=u,workdir=w,volatile" : ",upperdir=u,workdir=w";
  return plan;
}

// What the child does, in order; gives 0 or an errno, and which step it was. No allocation: its parent may have
// threads.
int mount_in_child(const ChildPlan& plan, const char*& step, int& tree) {
  // A folder that is surely there, and may be covered in this namespace.
  constexpr const char* kPlace = "/proc";
  step = "making a mount namespace";
  if (unshare(CLONE_NEWNS) != 0) return errno;
  step = "making the mount namespace private";
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
  step = "mounting a place for the layers' names";
  if (mount("tmpfs", kPlace, "tmpfs", MS_NODEV | MS_NOEXEC | MS_NOSUID, "mode=700") != 0) return errno;
  if (chdir(kPlace) != 0) return errno;
  step = "naming the layers";
  for (size_t i = 0; i < plan.names.size(); ++i) {
    if (symlink(plan.layers.lowers[i].c_str(), plan.names[i].c_str()) != 0) return errno;
  }
  if (!plan.layers.upper.empty() &&
      (symlink(plan.layers.upper.c_str(), "u") != 0 || symlink(plan.layers.work.c_str(), "w") != 0)) {
    return errno;
  }
  step = "mounting the overlay";
  if (mkdir("mount", 0700) != 0) return errno;
  if (mount("overlay", "mount", "overlay", 0, plan.options.c_str()) != 0) return errno;
  step = "cloning the overlay's mount";
  tree = open_tree(AT_FDCWD, "mount", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  return tree < 0 ? errno : 0;
}

struct Report {
  int error = 0;
  char step[60] = {};
};

}  // namespace

Fd mount_overlay_by_child(const OverlayLayers& layers) {
  ChildPlan plan = make_plan(layers);
  SocketPair sockets = SocketPair::make();
  pid_t child = fork();
  if (child < 0) throw SysError(errno, "starting a process to mount an overlay");
  if (child == 0) {
    Report report;
    const char* step = "";
    int tree = -1;
    report.error = mount_in_child(plan, step, tree);
    strncpy(report.step, step, sizeof report.step - 1);
    _exit(send_with_fd(sockets.theirs.get(), &report, sizeof report, tree) ? 0 : 1);
  }
  sockets.theirs.reset();
  Report report;
  Fd mount;
  ssize_t size = receive_with_fd(sockets.ours.get(), &report, sizeof report, mount);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (size != static_cast<ssize_t>(sizeof report))
    throw Error(ErrorKind::system, "the process that mounts an overlay died");
  if (report.error != 0) throw SysError(report.error, std::string("overlay: ") + report.step);
  if (!mount) throw Error(ErrorKind::internal, "the process that mounts an overlay gave none");
  return mount;
}

}  // namespace crun::engine
