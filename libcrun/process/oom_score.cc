#include "libcrun/process/oom_score.h"

#include <fcntl.h>

#include <cerrno>
#include <string>

#include "base/file.h"
#include "crun/error.h"
#include "crun/fd.h"

namespace crun::process {

void set_oom_score(pid_t child, int score) {
  std::string path = "/proc/" + std::to_string(child) + "/oom_score_adj";
  std::string value = std::to_string(score);
  // Lowering needs CAP_SYS_RESOURCE, even to what it is.
  if (read_path(path) == value + "\n") return;
  Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) throw SysError(errno, "setting the oom score to " + value);
  try {
    write_all(file.get(), value, path);
  } catch (SysError& error) {
    throw SysError(error.errno_value(), "setting the oom score to " + value + " (lowering it needs CAP_SYS_RESOURCE)");
  }
}

}  // namespace crun::process
