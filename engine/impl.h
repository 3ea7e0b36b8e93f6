// What an Engine holds: its two roots, opened when first needed, and the facts of the machine.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "crun/engine.h"
#include "engine/spec/generate.h"
#include "image/store/store.h"
#include "state/state_root.h"

namespace crun {

class Engine::Impl {
 public:
  explicit Impl(EngineConfig config) : config_(std::move(config)) {}

  const EngineConfig& config() const noexcept { return config_; }
  state::StateRoot& data();  // survives a reboot: images, layers, kept containers
  state::StateRoot& run();   // gone with the boot: `--rm` containers, what runs
  image::Store& store();     // of data(); what killed processes left in it is settled at the first use
  // Read once. devices: with the host's, for `--privileged`.
  const engine::HostFacts& host(bool devices = false);
  std::string runtime_root() const { return config_.run_root + "/runtime"; }
  // Before a fork whose child goes on with this object's config: no database is open across it.
  void close_databases();
  // A monitor is a child of the process that started it. Those that have ended are reaped whenever another is started,
  // and at the end of this.
  void adopt_monitor(pid_t monitor);
  ~Impl() { reap_monitors(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

 private:
  void reap_monitors() noexcept;

  EngineConfig config_;
  std::optional<state::StateRoot> data_;
  std::optional<state::StateRoot> run_;
  std::optional<image::Store> store_;
  std::optional<engine::HostFacts> host_;
  std::vector<Fd> monitors_;  // pidfds
};

}  // namespace crun
