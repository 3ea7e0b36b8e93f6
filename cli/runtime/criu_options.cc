#include "cli/runtime/criu_options.h"

#include <unistd.h>

#include <cerrno>
#include <climits>

#include "cli/runtime/command.h"

namespace crun::cli {
namespace {

// The folder need not exist yet.
std::string absolute(const std::string& path) {
  if (path.empty() || path.front() == '/') return path;
  char folder[PATH_MAX];
  if (getcwd(folder, sizeof folder) == nullptr) throw SysError(errno, "finding the working directory");
  return std::string(folder) + "/" + path;
}

std::string cgroups_mode(const std::string& mode) {
  for (std::string_view known : {"", "soft", "full", "strict", "ignore"}) {
    if (mode == known) return mode;
  }
  throw UsageError("--manage-cgroups-mode '" + mode + "' is not soft, full, strict or ignore", kRuntimeFailure);
}

}  // namespace

CriuOptions criu_options_of(const Options& options) {
  CriuOptions criu;
  criu.image_path = absolute(options.find("image-path") == nullptr ? "checkpoint" : options.text("image-path"));
  criu.work_path = absolute(options.text("work-path"));
  criu.tcp_established = options.flag("tcp-established");
  criu.ext_unix_sk = options.flag("ext-unix-sk");
  criu.shell_job = options.flag("shell-job");
  criu.file_locks = options.flag("file-locks");
  criu.lazy_pages = options.flag("lazy-pages");
  criu.auto_dedup = options.flag("auto-dedup");
  criu.link_remap = options.flag("link-remap");
  criu.manage_cgroups_mode = cgroups_mode(options.text("manage-cgroups-mode"));
  for (const std::string& name : options.all("empty-ns")) {
    if (name != "network") throw UsageError("--empty-ns '" + name + "': criu empties network alone", kRuntimeFailure);
    criu.empty_network = true;
  }
  return criu;
}

}  // namespace crun::cli
