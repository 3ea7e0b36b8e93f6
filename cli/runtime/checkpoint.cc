#include "cli/runtime/command.h"
#include "cli/runtime/criu_options.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    kAutoDedupOption,
    kEmptyNsOption,
    kExtUnixSkOption,
    kFileLocksOption,
    kImagePathOption,
    kLazyPagesOption,
    {"leave-running", 0, Takes::nothing, "", "the container runs on"},
    kLinkRemapOption,
    kManageCgroupsOption,
    {"page-server", 0, Takes::value, "host:port", "send memory there"},
    {"parent-path", 0, Takes::value, "folder", "of a pre-dump, below image-path"},
    {"pre-dump", 0, Takes::nothing, "", "memory alone; the container runs on"},
    kShellJobOption,
    {"status-fd", 0, Takes::value, "n", "gets a 0 byte when lazy pages are ready"},
    kTcpEstablishedOption,
    {"tcp-skip-in-flight", 0, Takes::nothing, "", "leave connections out that are being made"},
    kWorkPathOption,
};

int checkpoint(const Runtime& runtime, const Options& options) {
  const std::string& id = options.arguments[0];
  CheckpointRequest request;
  request.criu = criu_options_of(options);
  request.leave_running = options.flag("leave-running");
  request.pre_dump = options.flag("pre-dump");
  request.tcp_skip_in_flight = options.flag("tcp-skip-in-flight");
  request.parent_path = options.text("parent-path");
  request.page_server = options.text("page-server");
  request.status_fd = number_option(options, "status-fd", -1);
  runtime.checkpoint(id, request);
  // As runc: what was written down is to be restored under the same id.
  if (!request.leave_running && !request.pre_dump) runtime.remove(id, true);
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeCheckpoint{{"checkpoint",
                                         "ID",
                                         "write a container's processes to files, by criu",
                                         "ctr-runtime checkpoint --image-path /images c1",
                                         kOptions,
                                         {},
                                         1,
                                         1},
                                        checkpoint};

}  // namespace crun::cli
