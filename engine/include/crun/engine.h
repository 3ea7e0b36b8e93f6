// The engine: images, builds and containers as people know them. No daemon: each call works on the databases and
// folders below two roots, and any number of processes may do so at once.
#pragma once

#include <memory>
#include <string>

#include "crun/error.h"
#include "crun/export.h"
#include "crun/fd.h"

namespace crun {

struct EngineConfig {
  std::string data_root = "/var/lib/ctr";    // images, layers, kept containers: survives a reboot
  std::string run_root = "/run/ctr";         // leases, `--rm` containers, sockets: gone with the boot
  std::string libexec = "/usr/libexec/ctr";  // where ctr-monitor, ctr-build, … lie
  std::string default_network = "none";      // of containers and build steps that name none
};

// Cheap to make: opens nothing before the first call that needs it. Not for use by two threads at once, nor across a
// fork (a child that uses it gets Error{internal}).
// A started container's monitor, and an exec'd process's, is a child of the process that called, which gets SIGCHLD
// when it ends. It is reaped when this engine starts another, or is dropped; whoever waits for any child (waitpid(2),
// -1) or ignores SIGCHLD takes nothing away by it. One that still runs then goes to init with its caller's end.
class CRUN_API Engine {
 public:
  explicit Engine(EngineConfig config);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const EngineConfig& config() const noexcept;

  class Impl;  // in engine/: for the functions of crun/{images,builds,containers}.h
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// What `ctr info` shows, as JSON with docker's names where docker has one (Containers, ContainersRunning, Images,
// Driver, CgroupVersion, KernelVersion, NCPU, MemTotal, DockerRootDir → DataRoot, …) and Warnings for what this host
// cannot give.
CRUN_API std::string engine_info(Engine& engine);

}  // namespace crun
