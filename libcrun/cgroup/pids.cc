// pids.* of cgroup v2.
#include "libcrun/cgroup/settings.h"

namespace crun::cgroup {

Settings pids_settings(int64_t limit) {
  // Nothing could run under a limit of none: engines mean "not given" by it.
  if (limit == 0) return {};
  return {{"pids.limit", "pids", {{"pids.max", limit < 0 ? "max" : std::to_string(limit)}}}};
}

}  // namespace crun::cgroup
