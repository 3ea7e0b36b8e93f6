#include "cli/runtime/command.h"
#include "cli/runtime/criu_options.h"
#include "cli/runtime/new_container.h"
#include "cli/runtime/session.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    kAutoDedupOption,
    kBundleOption,
    kConfigOption,
    kConsoleSocketOption,
    kDetachOption,
    kEmptyNsOption,
    kExtUnixSkOption,
    kFileLocksOption,
    kImagePathOption,
    kLazyPagesOption,
    kLinkRemapOption,
    {"lsm-mount-context", 0, Takes::value, "context", "SELinux context of the mounts"},
    {"lsm-profile", 0, Takes::value, "type:name", "apparmor:NAME or selinux:LABEL"},
    kManageCgroupsOption,
    kNoNewKeyringOption,
    kNoPivotOption,
    kNoSubreaperOption,
    kPidFileOption,
    kPidfdSocketOption,
    kPreserveFdsOption,
    kShellJobOption,
    kTcpEstablishedOption,
    kWorkPathOption,
};

int restore(const Runtime& runtime, const Options& options) {
  NewContainer container(options);
  RestoreRequest request;
  request.container = container.request;
  request.container.no_pivot = false;  // criu makes the root as it was
  request.criu = criu_options_of(options);
  request.lsm_profile = options.text("lsm-profile");
  request.lsm_mount_context = options.text("lsm-mount-context");
  Session session;
  UnreapedProcess process = runtime.restore(request);
  if (options.flag("detach")) return 0;
  int code = session.run(process, {});
  runtime.remove(request.container.id, true);
  return code;
}

}  // namespace

const RuntimeCommand kRuntimeRestore{{"restore",
                                      "ID",
                                      "a container of what checkpoint wrote, by criu",
                                      "ctr-runtime restore --bundle /bundle --image-path /images c1",
                                      kOptions,
                                      {},
                                      1,
                                      1},
                                     restore};

}  // namespace crun::cli
