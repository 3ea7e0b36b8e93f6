#include "cli/runtime/command.h"
#include "cli/runtime/new_container.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {kBundleOption,       kConfigOption,      kConsoleSocketOption,
                               kNoNewKeyringOption, kNoPivotOption,     kPidFileOption,
                               kPidfdSocketOption,  kPreserveFdsOption, kNoSubreaperOption};

int create(const Runtime& runtime, const Options& options) {
  NewContainer container(options);
  container.require_console_socket("a container that is started later");
  container.request.io.die_with_parent = false;  // we are gone before it starts
  container.request.start_later = true;
  runtime.create(container.request).release();
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeCreate{{"create",
                                     "ID",
                                     "create a container from a bundle, not started yet",
                                     "ctr-runtime create --bundle /bundle c1",
                                     kOptions,
                                     {},
                                     1,
                                     1},
                                    create};

}  // namespace crun::cli
