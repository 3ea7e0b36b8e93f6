#include "cli/runtime/new_container.h"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "cli/runtime/command.h"
#include "cli/runtime/files.h"
#include "libcrun/spec/parse.h"

namespace crun::cli {
namespace {

std::string absolute(const std::string& folder) {
  char buffer[PATH_MAX];
  const char* path = folder.empty() ? "." : folder.c_str();
  if (realpath(path, buffer) == nullptr) throw SysError(errno, "opening bundle " + std::string(path));
  return buffer;
}

// As crun's --config: below the working directory, and not the bundle.
std::string config_file(const Options& options, const std::string& bundle) {
  const std::string* file = options.find("config");
  return file == nullptr ? bundle + "/config.json" : *file;
}

int listen_fds() {
  const char* count = getenv("LISTEN_FDS");
  const char* pid = getenv("LISTEN_PID");
  if (count == nullptr || (pid != nullptr && strtol(pid, nullptr, 10) != getpid())) return 0;
  constexpr int kMost = 1024;
  long number = strtol(count, nullptr, 10);
  return number < 0 || number > kMost ? 0 : static_cast<int>(number);
}

}  // namespace

NewContainer::NewContainer(const Options& options) {
  request.id = options.arguments[0];
  request.bundle = absolute(options.text("bundle"));
  std::string file = config_file(options, request.bundle);
  config_ = read_file(file);
  spec_ = spec::parse(config_, file);
  if (spec_.process) pass_listen_fds(*spec_.process);
  request.spec = &spec_;
  request.config_text = config_;
  request.io = io_of(options);
  request.no_pivot = options.flag("no-pivot");
  request.new_keyring = !options.flag("no-new-keyring");
}

void NewContainer::require_console_socket(const std::string& who) const {
  if (!wants_terminal() || !request.io.console_socket.empty()) return;
  throw Error(ErrorKind::invalid, who +
                                      " cannot keep its terminal here: process.terminal is true, so give "
                                      "--console-socket, where the terminal shall go");
}

ProcessIo io_of(const Options& options) {
  ProcessIo io;
  io.console_socket = options.text("console-socket");
  io.pid_file = options.text("pid-file");
  io.pidfd_socket = options.text("pidfd-socket");
  io.preserve_fds = number_option(options, "preserve-fds", 0) + listen_fds();
  return io;
}

void pass_listen_fds(spec::Process& process) {
  int count = listen_fds();
  if (count == 0) return;
  process.env.push_back("LISTEN_FDS=" + std::to_string(count));
  process.env.push_back("LISTEN_PID=1");
}

}  // namespace crun::cli
