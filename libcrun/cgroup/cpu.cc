// cpu.* of cgroup v2.
#include <cmath>

#include "crun/error.h"
#include "libcrun/cgroup/settings.h"

namespace crun::cgroup {
namespace {

Setting setting(std::string limit, std::string file, std::string value) {
  return {std::move(limit), "cpu", {{std::move(file), std::move(value)}}};
}

// v1's shares run from 2 to 262144 with 1024 for the default, v2's weights from 1 to 10000 with 100. A straight line
// would put the default at 39 and so below every process outside of a container; this curve meets all three points.
uint64_t weight_of(uint64_t shares) {
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  double logarithm = std::log2(static_cast<double>(shares));
  double exponent = (logarithm * logarithm + 125 * logarithm) / 612.0 - 7.0 / 34.0;
  return static_cast<uint64_t>(std::ceil(std::pow(10, exponent) - 1e-9));
}

std::optional<std::string> maximum(const spec::Cpu& cpu) {
  int64_t quota = cpu.quota.value_or(0);
  uint64_t period = cpu.period.value_or(0);
  if (quota == 0 && period == 0) return std::nullopt;
  if (quota < -1)
    throw Error(ErrorKind::invalid, "cpu.quota: " + std::to_string(quota) + " is not a time in microseconds");
  std::string result = quota > 0 ? std::to_string(quota) : "max";
  // The kernel keeps the period where none is written (100,000 in a new cgroup).
  return period > 0 ? result + " " + std::to_string(period) : result;
}

}  // namespace

Settings cpu_settings(const spec::Cpu& cpu) {
  if (cpu.realtime_runtime.value_or(0) != 0 || cpu.realtime_period.value_or(0) != 0) {
    throw Error(ErrorKind::unsupported, "cpu.realtimeRuntime, cpu.realtimePeriod: cgroup v2 has no such limit");
  }
  Settings result;
  if (cpu.idle) result.push_back(setting("cpu.idle", "cpu.idle", std::to_string(*cpu.idle)));
  if (cpu.shares.value_or(0) != 0 && cpu.idle.value_or(0) == 0) {
    // A cgroup that is idle refuses a weight (EINVAL).
    result.push_back(setting("cpu.shares", "cpu.weight", std::to_string(weight_of(*cpu.shares))));
  }
  std::optional<std::string> max = maximum(cpu);
  // The kernel refuses a quota below the burst and a burst above the quota, so the old burst goes first.
  if (max && cpu.burst.value_or(0) != 0) result.push_back(setting("cpu.burst", "cpu.max.burst", "0"));
  if (max) result.push_back(setting(cpu.quota ? "cpu.quota" : "cpu.period", "cpu.max", *max));
  if (cpu.burst) result.push_back(setting("cpu.burst", "cpu.max.burst", std::to_string(*cpu.burst)));
  return result;
}

}  // namespace crun::cgroup
