#include "libcrun/cgroup/cgroup.h"
#include "libcrun/cgroup/files.h"

namespace crun::cgroup {
namespace {

// io.stat: a line a device, "8:0 rbytes=1 wbytes=2 …".
std::optional<uint64_t> io_sum(std::string_view text, std::string_view key) {
  std::optional<uint64_t> sum;
  for (std::string_view word : words_in(text)) {
    if (word.size() <= key.size() || word.substr(0, key.size()) != key) continue;
    std::optional<uint64_t> value = number_in(word.substr(key.size()));
    if (value) sum = sum.value_or(0) + *value;
  }
  return sum;
}

}  // namespace

Stats Cgroup::stats() const {
  auto text = [this](const char* file) { return find_content(dir_, file).value_or(""); };
  Stats stats;
  stats.memory_current = number_in(text("memory.current"));
  stats.memory_peak = number_in(text("memory.peak"));
  stats.memory_limit = number_in(text("memory.max"));
  stats.memory_inactive_file = value_of(text("memory.stat"), "inactive_file");
  stats.oom_kills = value_of(text("memory.events"), "oom_kill");
  std::string cpu = text("cpu.stat");
  stats.cpu_usage = value_of(cpu, "usage_usec");
  stats.cpu_user = value_of(cpu, "user_usec");
  stats.cpu_system = value_of(cpu, "system_usec");
  stats.cpu_throttled = value_of(cpu, "throttled_usec");
  stats.cpu_throttled_periods = value_of(cpu, "nr_throttled");
  stats.pids_current = number_in(text("pids.current"));
  stats.pids_limit = number_in(text("pids.max"));
  std::string io = text("io.stat");
  stats.io_read_bytes = io_sum(io, "rbytes=");
  stats.io_write_bytes = io_sum(io, "wbytes=");
  return stats;
}

}  // namespace crun::cgroup
