#include "engine/monitor/start_report.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "base/fd_passing.h"
#include "crun/containers.h"
#include "engine/monitor/protocol.h"

namespace crun::engine {
namespace {

constexpr int32_t kOurs = 125;

[[noreturn]] void rethrow(const MessageHeader& header, std::string text) {
  auto kind = static_cast<ErrorKind>(header.flags);
  if (header.value != kOurs) throw ProgramError(kind, std::move(text), header.value);
  throw Error(kind, std::move(text));
}

}  // namespace

void receive_start(Engine::Impl& engine, Launched& launched, pid_t setup) {
  std::vector<char> message(sizeof(MessageHeader) + kOutputBytes);
  Fd fds[2];
  ssize_t size = receive_with_fds(launched.socket.get(), message.data(), message.size(), fds, 2);
  MessageHeader header;
  if (size >= static_cast<ssize_t>(sizeof header)) {
    memcpy(&header, message.data(), sizeof header);
    if (header.type == MessageType::started) {
      launched.process = std::move(fds[0]);
      launched.terminal = std::move(fds[1]);
      engine.adopt_monitor(setup);
      return;
    }
  }
  // It ends by itself after "failed", and is dead where there was no message.
  int status = 0;
  while (waitpid(setup, &status, 0) < 0 && errno == EINTR) {
  }
  if (size >= static_cast<ssize_t>(sizeof header) && header.type == MessageType::failed) {
    rethrow(header, std::string(message.data() + sizeof header, static_cast<size_t>(size) - sizeof header));
  }
  throw Error(ErrorKind::internal, "the process that sets the container up was killed");
}

void tell_started(const Fd& socket, const PreparedProcess& process, int terminal) {
  MessageHeader header{MessageType::started, process.pid(), 0};
  int fds[2] = {process.pidfd(), terminal};
  // A client that is gone meanwhile has no say: the process runs on, as if it had been detached.
  send_with_fds(socket.get(), &header, sizeof header, fds, 2);
}

void tell_failed(const Fd& socket, const Error& error) noexcept {
  std::string message(sizeof(MessageHeader), '\0');
  MessageHeader header{MessageType::failed, exit_code_of(error), static_cast<uint32_t>(error.kind())};
  memcpy(message.data(), &header, sizeof header);
  message += error.text().substr(0, kOutputBytes);
  send(socket.get(), message.data(), message.size(), MSG_NOSIGNAL);
}

void leave_session() {
  setsid();
  // What a caller may have set to be ignored stays so through execve; handlers of its own do not.
  for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGUSR1, SIGUSR2, SIGALRM}) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_IGN);
  checked(chdir("/"), "entering /");
  umask(0022);  // a caller's strict one would shut the container's users out of its root
}

}  // namespace crun::engine
