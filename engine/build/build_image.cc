// build_image: the engine's side of image/build/request.h.
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/child.h"
#include "base/file.h"
#include "base/json.h"
#include "base/pipe.h"
#include "crun/builds.h"
#include "engine/container/settle.h"
#include "engine/impl.h"
#include "engine/session/signals.h"
#include "image/build/request.h"

namespace crun {

using namespace engine;

namespace {

build::Network parse_network(const std::string& name) {
  if (name == "none") return build::Network::none;
  if (name == "host") return build::Network::host;
  throw Error(ErrorKind::invalid, "--network '" + name + "': 'none' and 'host' are what there is yet");
}

build::Request helper_request(const Engine& engine, const BuildRequest& request) {
  build::Request result;
  result.root = engine.config().data_root;
  result.run_root = engine.config().run_root;
  result.context = request.context;
  result.dockerfile = request.dockerfile;
  result.tags = request.tags;
  result.target = request.target;
  result.arguments = request.build_args;
  result.labels = request.labels;
  result.no_cache = !request.use_cache;
  result.quiet = request.quiet;
  result.network = parse_network(request.network.empty() ? engine.config().default_network : request.network);
  return result;
}

// A file without a name: no pipe that would have to be fed while the helper starts.
Fd request_file(const std::string& text) {
  Fd file(checked(memfd_create("build-request", MFD_CLOEXEC), "making the build's request"));
  write_all(file.get(), text, "the build's request");
  checked(lseek(file.get(), 0, SEEK_SET), "rewinding the build's request");
  return file;
}

std::vector<std::string> environment() {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) result.emplace_back(*entry);
  return result;
}

// What the helper writes on its stdout, to its end. Signals that we get are passed on: it undoes its work then.
std::string watch(const Child& child, int output) {
  ForwardedSignals signals(true);
  std::string result;
  for (;;) {
    pollfd polled[2] = {{output, POLLIN, 0}, {signals.fd(), POLLIN, 0}};
    if (poll(polled, 2, -1) < 0 && errno != EINTR) throw SysError(errno, "waiting for the build");
    if (polled[1].revents != 0) signals.pass_on(child.pidfd());
    if (polled[0].revents == 0) continue;
    char buffer[256];
    ssize_t count = read(output, buffer, sizeof buffer);
    if (count < 0 && errno != EINTR) throw SysError(errno, "reading the build's result");
    if (count == 0) return result;
    if (count > 0 && result.size() < 4096) result.append(buffer, static_cast<size_t>(count));
  }
}

}  // namespace

BuildResult build_image(Engine& engine, const BuildRequest& request) {
  std::string text = write_json(build::to_json(helper_request(engine, request)));
  settle_strays(engine.impl());
  engine.impl().close_databases();
  Fd file = request_file(text);
  Pipe result = Pipe::make();
  Program program;
  program.path = engine.config().libexec + "/ctr-build";
  program.arguments = {"ctr-build"};
  program.environment = environment();
  program.fds = {request.input, result.write_end.get(), STDERR_FILENO, file.get()};
  Child child = spawn(program);
  result.write_end.reset();
  std::string id = watch(child, result.read_end.get());
  BuildResult done;
  done.exit_code = child.wait().shell_code();
  if (done.exit_code != 0) return done;
  while (!id.empty() && id.back() == '\n') id.pop_back();
  done.image_id = image::Digest::parse(id).text();
  return done;
}

}  // namespace crun
