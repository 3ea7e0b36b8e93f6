#include "cli/runtime/command.h"
#include "cli/runtime/new_container.h"
#include "cli/runtime/session.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    kBundleOption,
    kConfigOption,
    kConsoleSocketOption,
    kDetachOption,
    {"keep", 0, Takes::nothing, "", "leave the stopped container for delete"},
    kNoNewKeyringOption,
    kNoPivotOption,
    kNoSubreaperOption,
    kPidFileOption,
    kPidfdSocketOption,
    kPreserveFdsOption,
};

int run_detached(const Runtime& runtime, NewContainer& container) {
  container.require_console_socket("a detached container");
  container.request.io.die_with_parent = false;
  PreparedProcess process = runtime.create(container.request);
  process.start();
  process.release();
  return 0;
}

int run(const Runtime& runtime, const Options& options) {
  NewContainer container(options);
  container.request.start_at_once = true;
  if (options.flag("detach")) return run_detached(runtime, container);
  Session session;
  PreparedProcess process = runtime.create(container.request);
  Fd terminal = process.take_terminal();
  process.start();
  bool keep = options.flag("keep");
  int code = 0;
  try {
    code = session.run(process.release(), std::move(terminal));
  } catch (const Error&) {
    if (!keep) runtime.remove(container.request.id, true);  // it dies with us
    throw;
  }
  if (!keep) runtime.remove(container.request.id, true);
  return code;
}

}  // namespace

const RuntimeCommand kRuntimeRun{{"run",
                                  "ID",
                                  "create a container, start it, wait for it and delete it",
                                  "ctr-runtime run --bundle /bundle c1",
                                  kOptions,
                                  {},
                                  1,
                                  1},
                                 run};

}  // namespace crun::cli
