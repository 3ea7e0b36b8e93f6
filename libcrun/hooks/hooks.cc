#include "libcrun/hooks/hooks.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/child.h"
#include "base/file.h"
#include "base/log.h"
#include "crun/error.h"

namespace crun::hooks {
namespace {

using Clock = std::chrono::steady_clock;

// A file and not a pipe: a hook need not read its stdin, and a pipe holds 64 KB.
Fd state_file(const std::string& state) {
  Fd file(checked(memfd_create("state.json", MFD_CLOEXEC | MFD_ALLOW_SEALING), "making the state file for a hook"));
  write_all(file.get(), state, "the state file for a hook");
  checked(lseek(file.get(), 0, SEEK_SET), "rewinding the state file for a hook");
  checked(fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL),
          "sealing the state file for a hook");
  return file;
}

std::vector<std::string> arguments_of(const spec::Hook& hook) {
  return hook.args.empty() ? std::vector<std::string>{hook.path} : hook.args;
}

int64_t milliseconds(const std::optional<int64_t>& seconds) { return seconds ? *seconds * 1000 : -1; }

// False when the time is up and it still runs.
bool ends_within(const Child& child, int64_t timeout_ms) {
  Clock::time_point deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    int64_t left = -1;
    if (timeout_ms >= 0) {
      left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      left = std::min<int64_t>(std::max<int64_t>(left, 0), 1 << 30);
    }
    pollfd wait{child.pidfd(), POLLIN, 0};
    int count = poll(&wait, 1, static_cast<int>(left));
    if (count > 0) return true;
    if (count == 0 && Clock::now() >= deadline) return false;
    if (count < 0 && errno != EINTR) throw SysError(errno, "waiting for a hook");
  }
}

// waitpid(2)'s form of a status, so that one text serves the parent's hooks and the child's.
int wait_status_of(const ExitStatus& status) { return status.signaled ? status.value : status.value << 8; }

void run_one(std::string_view kind, size_t index, const spec::Hook& hook, const std::string& state) {
  Fd input = state_file(state);
  int status = 0;
  try {
    Child child = spawn(Program{hook.path, arguments_of(hook), hook.env, {input.get(), 1, 2}});
    if (ends_within(child, milliseconds(hook.timeout))) {
      status = wait_status_of(child.wait());
    } else {
      child.kill(SIGKILL);
      child.wait();
      status = kTimedOut;
    }
  } catch (const SysError& error) {
    status = kNotExecuted | error.errno_value();
  }
  if (status != 0) throw Error(ErrorKind::system, failure_text(kind, index, hook, status));
}

}  // namespace

void run(std::string_view kind, const std::vector<spec::Hook>& hooks, const std::string& state) {
  for (size_t i = 0; i < hooks.size(); ++i) run_one(kind, i, hooks[i], state);
}

void run_all(std::string_view kind, const std::vector<spec::Hook>& hooks, const std::string& state) {
  for (size_t i = 0; i < hooks.size(); ++i) {
    try {
      run_one(kind, i, hooks[i], state);
    } catch (const Error& error) {
      log_warning(error.text());
    }
  }
}

Prepared::Texts::Texts(std::vector<std::string> all) : strings(std::move(all)) {
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
}

Prepared::Prepared(const std::vector<spec::Hook>& hooks, const std::string& state) {
  arguments_.reserve(hooks.size());
  environments_.reserve(hooks.size());
  paths_.reserve(hooks.size());
  for (const spec::Hook& hook : hooks) {
    arguments_.emplace_back(arguments_of(hook));
    environments_.emplace_back(hook.env);
    paths_.push_back(hook.path);
    states_.push_back(state_file(state));
  }
  for (size_t i = 0; i < hooks.size(); ++i) {
    entries_.push_back({paths_[i].c_str(), arguments_[i].pointers.data(), environments_[i].pointers.data(),
                        states_[i].get(), milliseconds(hooks[i].timeout)});
  }
}

std::string failure_text(std::string_view kind, size_t index, const spec::Hook& hook, int wait_status) {
  std::string text = std::string(kind) + " hook " + std::to_string(index) + " (" + hook.path + "): ";
  if (wait_status == kTimedOut) {
    return text + "killed, it ran longer than its timeout of " + std::to_string(hook.timeout.value_or(0)) + " s";
  }
  if ((wait_status & kNotExecuted) != 0) return text + "cannot be started: " + errno_text(wait_status & 0xffff);
  if (WIFSIGNALED(wait_status)) return text + "ended by signal " + std::to_string(WTERMSIG(wait_status));
  return text + "exit status " + std::to_string(WEXITSTATUS(wait_status));
}

}  // namespace crun::hooks
