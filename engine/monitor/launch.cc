#include "engine/monitor/launch.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/pipe.h"
#include "engine/impl.h"
#include "engine/monitor/setup.h"

namespace crun::engine {
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
  receive_start(engine, launched, child);
  if (tty) launched.input = Fd(checked(fcntl(launched.terminal.get(), F_DUPFD_CLOEXEC, 3), "duplicating the terminal"));
  if (!request.options.attach) return Launched();
  return launched;
}

}  // namespace crun::engine
