#include "base/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/pidfd.h"
#include "crun/error.h"

namespace crun {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

// What the child of spawn() needs, made before vfork: it runs on the parent's stack and memory.
struct SpawnPlan {
  const char* path;
  char** argv;
  char** envp;
  const int* fds;
  int count;
  int* high;     // scratch for `count` fds
  int dev_null;  // for -1
  int (*prepare)(void* context);
  void* context;
  volatile int error = 0;
};

// Async-signal-safe. First lifts every source above the targets, so that no dup2 overwrites one still to come.
[[noreturn]] void become_program(SpawnPlan& plan) {
  int unprepared = plan.prepare == nullptr ? 0 : plan.prepare(plan.context);
  if (unprepared != 0) {
    plan.error = unprepared;
    _exit(127);
  }
  for (int i = 0; i < plan.count; ++i) {
    int source = plan.fds[i] < 0 ? plan.dev_null : plan.fds[i];
    plan.high[i] = fcntl(source, F_DUPFD_CLOEXEC, plan.count + 3);
    if (plan.high[i] < 0) {
      plan.error = errno;
      _exit(127);
    }
  }
  for (int i = 0; i < plan.count; ++i) {
    if (dup2(plan.high[i], i) < 0) {
      plan.error = errno;
      _exit(127);
    }
  }
  close_range(static_cast<unsigned>(plan.count), ~0U, CLOSE_RANGE_CLOEXEC);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction now {};
    // Ignored signals stay ignored through exec; handlers do not.
    if (sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(plan.path, plan.argv, plan.envp);
  plan.error = errno;
  _exit(127);
}

}  // namespace

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, -1);
    pidfd_ = std::move(other.pidfd_);
  }
  return *this;
}

Child::~Child() { end(); }

void Child::end() noexcept {
  if (pid_ < 0) return;
  // Its number is its own until it is reaped.
  if (!pidfd_ || pidfd_send_signal(pidfd_.get(), SIGKILL, nullptr, 0) != 0) ::kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void Child::kill(int signal) const {
  if (pidfd_send_signal(pidfd_.get(), signal, nullptr, 0) != 0 && errno != ESRCH) {
    throw SysError(errno, "sending signal " + std::to_string(signal) + " to process " + std::to_string(pid_));
  }
}

ExitStatus Child::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) throw SysError(errno, "waiting for process " + std::to_string(pid_));
  }
  pid_ = -1;
  if (WIFSIGNALED(status)) return ExitStatus{true, WTERMSIG(status)};
  return ExitStatus{false, WEXITSTATUS(status)};
}

pid_t Child::release() noexcept { return std::exchange(pid_, -1); }

Child spawn(const Program& program) {
  Fd dev_null(checked(open("/dev/null", O_RDWR | O_CLOEXEC), "opening /dev/null"));
  std::vector<char*> argv = pointers(program.arguments);
  std::vector<char*> envp = pointers(program.environment);
  std::vector<int> high(program.fds.size());
  SpawnPlan plan{
      program.path.c_str(), argv.data(),    envp.data(),     program.fds.data(), static_cast<int>(program.fds.size()),
      high.data(),          dev_null.get(), program.prepare, program.context};
  // No handler of ours may run in the child while it shares our memory.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = vfork();
  if (pid == 0) become_program(plan);
  int fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) throw SysError(fork_error, "starting " + program.path);
  Child child(pid, Fd(pidfd_open(pid, 0)));
  int pidfd_error = errno;
  if (plan.error != 0) throw SysError(plan.error, "starting " + program.path);
  if (child.pidfd() < 0) throw SysError(pidfd_error, "opening the process of " + program.path);
  return child;
}

}  // namespace crun
