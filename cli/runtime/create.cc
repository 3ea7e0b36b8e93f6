#include "cli/runtime/bundle.h"
#include "cli/runtime/command.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {kBundleOption, kConsoleSocketOption, kPidFileOption, kPreserveFdsOption};
constexpr RefusedOption kRefused[] = {kNoPivot};

int create(const Runtime& runtime, const Options& options) {
  Bundle bundle = load_bundle(options.text("bundle"));
  if (bundle.spec.process) pass_listen_fds(*bundle.spec.process);
  CreateRequest request;
  request.id = options.arguments[0];
  request.bundle = bundle.folder;
  request.spec = &bundle.spec;
  request.config_text = bundle.text;
  request.io = io_of(options);
  request.io.die_with_parent = false;  // we are gone before it starts
  request.start_later = true;
  if (bundle.spec.process && bundle.spec.process->terminal && request.io.console_socket.empty()) {
    throw Error(ErrorKind::invalid, "process.terminal is true: give --console-socket, where the terminal shall go");
  }
  runtime.create(request).release();
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeCreate{{"create", "ID", "create a container from a bundle, not started yet",
                                     "ctr-runtime create --bundle /bundle c1", kOptions, kRefused, 1, 1},
                                    create};

}  // namespace crun::cli
