#include "engine/monitor/launch.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/fd_passing.h"
#include "base/pipe.h"
#include "crun/runtime.h"
#include "engine/impl.h"
#include "engine/monitor/protocol.h"
#include "engine/monitor/setup.h"

namespace crun::engine {
namespace {

[[noreturn]] void rethrow(const MessageHeader& header, std::string text) {
  auto kind = static_cast<ErrorKind>(header.flags);
  constexpr int32_t kOurs = 125;
  if (header.value != kOurs) throw ProgramError(kind, std::move(text), header.value);
  throw Error(kind, std::move(text));
}

// Waits for "started" or "failed".
void receive_start(Launched& launched, pid_t setup) {
  std::vector<char> message(sizeof(MessageHeader) + kOutputBytes);
  Fd fds[2];
  ssize_t size = receive_with_fds(launched.socket.get(), message.data(), message.size(), fds, 2);
  MessageHeader header;
  if (size >= static_cast<ssize_t>(sizeof header)) {
    memcpy(&header, message.data(), sizeof header);
    if (header.type == MessageType::started) {
      launched.process = std::move(fds[0]);
      launched.terminal = std::move(fds[1]);
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

}  // namespace

Launched launch(Engine::Impl& engine, LaunchRequest request) {
  bool tty = request.container.request.tty;
  SocketPair sockets = SocketPair::make();
  Launched launched;
  SetupRequest setup{request, engine, std::move(sockets.theirs), Fd(), false};
  bool client_writes = request.options.attach && request.options.interactive && !tty;
  if (client_writes) {
    Pipe pipe = Pipe::make();
    setup.stdin_read = std::move(pipe.read_end);
    launched.input = std::move(pipe.write_end);
  }
  setup.keep_stdin = request.container.request.interactive && !client_writes && !tty;
  launched.socket = std::move(sockets.ours);
  engine.close_databases();
  pid_t child = fork();
  if (child < 0) throw SysError(errno, "starting the process that sets the container up");
  if (child == 0) {
    launched = Launched();
    run_setup(setup);
  }
  setup.socket.reset();
  setup.stdin_read.reset();
  receive_start(launched, child);
  if (tty) launched.input = Fd(checked(fcntl(launched.terminal.get(), F_DUPFD_CLOEXEC, 3), "duplicating the terminal"));
  if (!request.options.attach) return Launched();
  return launched;
}

}  // namespace crun::engine
