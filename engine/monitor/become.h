// The last step of a process that has made a container's or an exec'd process: it becomes ctr-monitor.
#pragma once

#include <string>

#include "crun/fd.h"
#include "engine/container/places.h"
#include "engine/monitor/protocol.h"

namespace crun::engine {

struct MonitorLaunch {
  MonitorPlan plan;
  Fd fds[kFdEnd];  // by MonitorFd; kFdPlan is made by become_monitor
};

// Fills in the folders of a container's state, log and lock, and those that hold what is to be removed at the end.
void open_places(MonitorLaunch& monitor, const Places& places, const ContainerLock& lock);

// Asked before anything is made, as afterwards there is a container to be undone. Throws SysError naming the program.
void check_monitor(const std::string& libexec);

// pid, children and locks stay; everything of the caller's memory and all other descriptors go. libexec: where
// ctr-monitor lies. Throws SysError where it cannot be executed.
[[noreturn]] void become_monitor(const std::string& libexec, MonitorLaunch& monitor);

}  // namespace crun::engine
