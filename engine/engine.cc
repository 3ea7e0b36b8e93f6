#include "crun/engine.h"

#include <sys/wait.h>

#include "base/pidfd.h"
#include "engine/container/tables.h"
#include "engine/impl.h"
#include "engine/spec/host.h"

namespace crun {
namespace {

void demand_absolute(const std::string& path, const char* what) {
  if (path.empty() || path.front() != '/') {
    throw Error(ErrorKind::invalid, std::string(what) + " '" + path + "' is not an absolute path");
  }
}

}  // namespace

Engine::Engine(EngineConfig config) {
  demand_absolute(config.data_root, "the engine's root");
  demand_absolute(config.run_root, "the engine's run root");
  impl_ = std::make_unique<Impl>(std::move(config));
}

Engine::~Engine() = default;

const EngineConfig& Engine::config() const noexcept { return impl_->config(); }

state::StateRoot& Engine::Impl::data() {
  if (!data_) {
    data_.emplace(config_.data_root, state::Durability::disk,
                  std::vector<state::Schema>{image::kSchema, engine::kContainerSchema});
  }
  return *data_;
}

state::StateRoot& Engine::Impl::run() {
  if (!run_) {
    run_.emplace(config_.run_root, state::Durability::boot, std::vector<state::Schema>{engine::kContainerSchema});
  }
  return *run_;
}

image::Store& Engine::Impl::store() {
  if (!store_) {
    store_.emplace(data());
    store_->settle();
  }
  return *store_;
}

const engine::HostFacts& Engine::Impl::host(bool devices) {
  if (!host_ || (devices && host_->host_devices.empty())) host_ = engine::host_facts(devices);
  return *host_;
}

void Engine::Impl::adopt_monitor(pid_t monitor) {
  reap_monitors();
  Fd process(pidfd_open(monitor, 0));
  // None: somebody who waits for any child has reaped it already.
  if (process) monitors_.push_back(std::move(process));
}

void Engine::Impl::reap_monitors() noexcept {
  std::erase_if(monitors_, [](const Fd& process) {
    siginfo_t information{};
    int result = waitid(P_PIDFD, static_cast<id_t>(process.get()), &information, WEXITED | WNOHANG);
    return result != 0 || information.si_pid != 0;
  });
}

void Engine::Impl::close_databases() {
  if (data_) data_->database().close();
  if (run_) run_->database().close();
}

}  // namespace crun
