#include "libcrun/container/prepared.h"

#include <fcntl.h>
#include <signal.h>

#include "base/log.h"
#include "libcrun/container/container_hooks.h"
#include "libcrun/container/handed_over.h"
#include "libcrun/hooks/hooks.h"
#include "libcrun/process/child_error.h"

namespace crun {

using container::state_document;

namespace container {

void throw_start_failure(const process::Message& failure, const process::Program& program, pid_t pid) {
  if (failure.step != process::Step::execute) process::throw_late_error(failure);
  throw process::explain(program, failure.error, failure.index, pid);
}

Fd deliver_terminal(Fd terminal, int console_socket) {
  if (!terminal || console_socket < 0) return terminal;
  hand_over_terminal(console_socket, terminal.get());
  return {};
}

}  // namespace container

PreparedProcess::PreparedProcess(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
PreparedProcess::PreparedProcess(PreparedProcess&&) noexcept = default;

PreparedProcess& PreparedProcess::operator=(PreparedProcess&& other) noexcept {
  PreparedProcess old(std::move(*this));
  state_ = std::move(other.state_);
  return *this;
}

void PreparedProcess::State::abandon() noexcept {
  child = Child();
  if (started || container.empty()) return;
  try {
    Runtime(state_root).remove(container, true);
  } catch (const Error& error) {
    log_warning("removing container " + container + ": " + error.text());
  }
}

PreparedProcess::~PreparedProcess() {
  if (state_ && state_->child.pid() >= 0) state_->abandon();
}

pid_t PreparedProcess::pid() const noexcept { return state_->child.pid(); }
int PreparedProcess::pidfd() const noexcept { return state_->child.pidfd(); }
Fd PreparedProcess::take_terminal() noexcept { return std::move(state_->terminal); }

void PreparedProcess::start() {
  State& state = *state_;
  try {
    if (!state.start_container.empty()) container::run_start_container(state.state_root, state.record);
    if (!state.let_go) state.sync.send_go();
    std::optional<process::ParentSide::Received> answer = state.sync.receive();
    if (answer) container::throw_start_failure(answer->message, state.program, pid());
    if (!state.poststart.empty()) {
      hooks::run("poststart", state.poststart, state_document(state.record, ContainerStatus::running));
    }
  } catch (const Error&) {
    state.abandon();
    throw;
  }
  state.started = true;
}

UnreapedProcess PreparedProcess::release() noexcept {
  UnreapedProcess process;
  process.pidfd.reset(fcntl(state_->child.pidfd(), F_DUPFD_CLOEXEC, 3));
  process.pid = state_->child.release();
  return process;
}

}  // namespace crun
