// What happens to a container, told by its cgroup: the kernel reports changes of memory.events and cgroup.events to
// inotify(7) (cgroup-v2.rst, "Interface Files").
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "crun/runtime.h"
#include "libcrun/container/state.h"

namespace crun {

using container::Folder;

struct ContainerWatch::State {
  cgroup::Cgroup cgroup;
  Fd changes;
  uint64_t oom_kills = 0;  // that have been told

  void add(const char* file) const {
    std::string path = "/proc/self/fd/" + std::to_string(cgroup.fd()) + "/" + file;
    if (inotify_add_watch(changes.get(), path.c_str(), IN_MODIFY) >= 0) return;
    // Without a memory controller there are no kills to tell of.
    if (errno != ENOENT) throw SysError(errno, std::string("watching ") + file + " of cgroup " + cgroup.path());
  }

  std::optional<ContainerEvent> look() {
    uint64_t kills = cgroup.oom_kills().value_or(0);
    if (kills > oom_kills) {
      oom_kills = kills;
      return ContainerEvent::oom_kill;
    }
    if (!cgroup.populated()) return ContainerEvent::ended;
    return std::nullopt;
  }

  void forget_changes() const {
    char buffer[4096];
    while (read(changes.get(), buffer, sizeof buffer) > 0) {
    }
  }
};

ContainerWatch::ContainerWatch(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
ContainerWatch::ContainerWatch(ContainerWatch&&) noexcept = default;
ContainerWatch& ContainerWatch::operator=(ContainerWatch&&) noexcept = default;
ContainerWatch::~ContainerWatch() = default;

std::optional<ContainerEvent> ContainerWatch::next(int milliseconds) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  for (;;) {
    if (std::optional<ContainerEvent> event = state_->look()) return event;
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (milliseconds >= 0 && left <= 0) return std::nullopt;
    pollfd polled{state_->changes.get(), POLLIN, 0};
    int result = poll(&polled, 1, milliseconds < 0 ? -1 : static_cast<int>(left));
    if (result < 0 && errno != EINTR) throw SysError(errno, "waiting for a container's events");
    // Before the next look: what changes after it is told anew.
    state_->forget_changes();
  }
}

ContainerWatch Runtime::watch(const std::string& id) const {
  auto state = std::make_unique<ContainerWatch::State>(
      ContainerWatch::State{container::get_cgroup(Folder::open(root_, id).read(), "watching"), Fd()});
  state->changes.reset(checked(inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "watching a container's events"));
  state->add("memory.events");
  state->add("cgroup.events");
  state->oom_kills = state->cgroup.oom_kills().value_or(0);
  return ContainerWatch(std::move(state));
}

}  // namespace crun
