#include "cli/runtime/bundle.h"

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

int listen_fds() {
  const char* count = getenv("LISTEN_FDS");
  const char* pid = getenv("LISTEN_PID");
  if (count == nullptr || (pid != nullptr && strtol(pid, nullptr, 10) != getpid())) return 0;
  constexpr int kMost = 1024;
  long number = strtol(count, nullptr, 10);
  return number < 0 || number > kMost ? 0 : static_cast<int>(number);
}

}  // namespace

Bundle load_bundle(const std::string& folder) {
  Bundle bundle;
  bundle.folder = absolute(folder);
  std::string file = bundle.folder + "/config.json";
  bundle.text = read_file(file);
  bundle.spec = spec::parse(bundle.text, file);
  return bundle;
}

ProcessIo io_of(const Options& options) {
  ProcessIo io;
  io.console_socket = options.text("console-socket");
  io.pid_file = options.text("pid-file");
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
