#include "libcrun/cgroup/settings.h"

#include <iterator>

#include "crun/error.h"

namespace crun::cgroup {
namespace {

void append(Settings& all, Settings more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Settings settings(const spec::Resources& resources) {
  if (resources.network && (resources.network->class_id.value_or(0) != 0 || !resources.network->priorities.empty())) {
    throw Error(ErrorKind::unsupported, "network.classID, network.priorities: cgroup v2 has no such setting");
  }
  Settings result;
  if (resources.cpu) append(result, cpuset_settings(*resources.cpu));
  if (resources.cpu) append(result, cpu_settings(*resources.cpu));
  if (resources.memory) append(result, memory_settings(*resources.memory));
  if (resources.pids_limit) append(result, pids_settings(*resources.pids_limit));
  if (resources.block_io) append(result, io_settings(*resources.block_io));
  append(result, hugetlb_settings(resources.hugepage_limits));
  append(result, rdma_settings(resources.rdma));
  append(result, unified_settings(resources.unified));
  return result;
}

std::string first_limit(const spec::Resources& resources) {
  for (const Setting& setting : settings(resources)) {
    if (!setting.met_without) return setting.limit;
  }
  return resources.devices.empty() ? "" : "devices";
}

}  // namespace crun::cgroup
