#include "cli/runtime/bundle.h"
#include "cli/runtime/command.h"
#include "cli/runtime/session.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    kBundleOption,
    kConsoleSocketOption,
    {"detach", 'd', Takes::nothing, "", "come back when the program runs"},
    {"keep", 0, Takes::nothing, "", "leave the stopped container for delete"},
    {"no-subreaper", 0, Takes::nothing, "", "", true},  // runc's; this runtime never is one
    kPidFileOption,
    kPreserveFdsOption,
};
constexpr RefusedOption kRefused[] = {kNoPivot};

int run(const Runtime& runtime, const Options& options) {
  bool detached = options.flag("detach");
  Bundle bundle = load_bundle(options.text("bundle"));
  if (bundle.spec.process) pass_listen_fds(*bundle.spec.process);
  CreateRequest request;
  request.id = options.arguments[0];
  request.bundle = bundle.folder;
  request.spec = &bundle.spec;
  request.config_text = bundle.text;
  request.io = io_of(options);
  request.io.die_with_parent = !detached;
  request.start_at_once = true;
  if (detached && bundle.spec.process && bundle.spec.process->terminal && request.io.console_socket.empty()) {
    throw Error(ErrorKind::invalid, "a detached container's terminal needs --console-socket");
  }
  if (detached) {
    PreparedProcess process = runtime.create(request);
    process.start();
    process.release();
    return 0;
  }
  Session session;
  PreparedProcess process = runtime.create(request);
  Fd terminal = process.take_terminal();
  process.start();
  int code = session.run(std::move(process), std::move(terminal));
  if (!options.flag("keep")) runtime.remove(request.id, true);
  return code;
}

}  // namespace

const RuntimeCommand kRuntimeRun{{"run", "ID", "create a container, start it, wait for it and delete it",
                                  "ctr-runtime run --bundle /bundle c1", kOptions, kRefused, 1, 1},
                                 run};

}  // namespace crun::cli
