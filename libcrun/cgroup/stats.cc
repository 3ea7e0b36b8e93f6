#include <charconv>

#include "libcrun/cgroup/cgroup.h"
#include "libcrun/cgroup/files.h"

namespace crun::cgroup {
namespace {

using Numbers = std::map<std::string, uint64_t>;

std::vector<std::string_view> lines_in(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// "rbytes=1 wbytes=max": what is no number is left out.
Numbers assignments_in(std::string_view text) {
  Numbers result;
  for (std::string_view word : words_in(text)) {
    size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    if (std::optional<uint64_t> value = number_in(word.substr(equals + 1)))
      result.emplace(word.substr(0, equals), *value);
  }
  return result;
}

std::optional<uint64_t> find(const Numbers& numbers, const char* name) {
  auto found = numbers.find(name);
  return found == numbers.end() ? std::nullopt : std::optional<uint64_t>(found->second);
}

double decimal_after(std::string_view line, std::string_view key) {
  size_t at = line.find(key);
  double value = 0;
  if (at == std::string_view::npos) return value;
  std::from_chars(line.data() + at + key.size(), line.data() + line.size(), value);
  return value;
}

Pressure::Times pressure_times(std::string_view line) {
  return {decimal_after(line, "avg10="), decimal_after(line, "avg60="), decimal_after(line, "avg300="),
          find(assignments_in(line), "total").value_or(0)};
}

class Reader {
 public:
  explicit Reader(const Dir& cgroup) : cgroup_(cgroup) {}

  std::string text(const std::string& file) const { return find_content(cgroup_, file.c_str()).value_or(""); }
  std::optional<uint64_t> number(const std::string& file) const { return number_in(text(file)); }

  // Nothing also where the kernel was started without PSI: reading gives EOPNOTSUPP then.
  std::optional<Pressure> pressure(const std::string& file) const {
    std::string content = text(file);
    if (content.empty()) return std::nullopt;
    Pressure result;
    for (std::string_view line : lines_in(content)) {
      if (line.substr(0, 5) == "some ") result.some = pressure_times(line);
      if (line.substr(0, 5) == "full ") result.full = pressure_times(line);
    }
    return result;
  }

 private:
  const Dir& cgroup_;
};

ContainerStats::Memory memory(const Reader& reader) {
  ContainerStats::Memory memory;
  memory.current = reader.number("memory.current");
  memory.peak = reader.number("memory.peak");
  memory.limit = reader.number("memory.max");
  memory.swap_current = reader.number("memory.swap.current");
  memory.swap_peak = reader.number("memory.swap.peak");
  memory.swap_limit = reader.number("memory.swap.max");
  std::string events = reader.text("memory.events");
  memory.limit_events = value_of(events, "max");
  memory.oom_kills = value_of(events, "oom_kill");
  std::string detail = reader.text("memory.stat");
  std::vector<std::string_view> words = words_in(detail);
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    if (std::optional<uint64_t> value = number_in(words[i + 1])) memory.detail.emplace(words[i], *value);
  }
  memory.pressure = reader.pressure("memory.pressure");
  return memory;
}

ContainerStats::Cpu cpu(const Reader& reader) {
  ContainerStats::Cpu cpu;
  std::string stat = reader.text("cpu.stat");
  cpu.usage = value_of(stat, "usage_usec");
  cpu.user = value_of(stat, "user_usec");
  cpu.system = value_of(stat, "system_usec");
  cpu.periods = value_of(stat, "nr_periods");
  cpu.throttled_periods = value_of(stat, "nr_throttled");
  cpu.throttled = value_of(stat, "throttled_usec");
  cpu.burst_periods = value_of(stat, "nr_bursts");
  cpu.burst = value_of(stat, "burst_usec");
  cpu.pressure = reader.pressure("cpu.pressure");
  return cpu;
}

// io.stat: a line a device, "8:0 rbytes=1 wbytes=2 …".
std::vector<ContainerStats::IoDevice> io(const Reader& reader) {
  std::vector<ContainerStats::IoDevice> devices;
  std::string stat = reader.text("io.stat");
  for (std::string_view line : lines_in(stat)) {
    size_t colon = line.find(':');
    size_t blank = line.find(' ');
    if (colon == std::string_view::npos || blank == std::string_view::npos || colon > blank) continue;
    ContainerStats::IoDevice device;
    device.major = number_in(line.substr(0, colon)).value_or(0);
    device.minor = number_in(line.substr(colon + 1, blank - colon - 1)).value_or(0);
    Numbers counted = assignments_in(line.substr(blank));
    device.read_bytes = find(counted, "rbytes").value_or(0);
    device.write_bytes = find(counted, "wbytes").value_or(0);
    device.discard_bytes = find(counted, "dbytes").value_or(0);
    device.reads = find(counted, "rios").value_or(0);
    device.writes = find(counted, "wios").value_or(0);
    device.discards = find(counted, "dios").value_or(0);
    devices.push_back(device);
  }
  return devices;
}

// The kernel's page sizes are known by the files: "hugetlb.2MB.current".
std::map<std::string, ContainerStats::Hugepages> hugetlb(const Reader& reader, const Dir& cgroup) {
  constexpr std::string_view kBegin = "hugetlb.";
  constexpr std::string_view kEnd = "B.current";
  std::map<std::string, ContainerStats::Hugepages> result;
  for (const std::string& name : cgroup.list()) {
    if (name.size() <= kBegin.size() + kEnd.size() || name.compare(0, kBegin.size(), kBegin) != 0) continue;
    if (name.compare(name.size() - kEnd.size(), kEnd.size(), kEnd) != 0) continue;
    std::string size = name.substr(kBegin.size(), name.find('.', kBegin.size()) - kBegin.size());
    if (result.count(size) != 0) continue;  // hugetlb.2MB.rsvd.current
    std::string base = std::string(kBegin) + size;
    ContainerStats::Hugepages& pages = result[size];
    pages.current = reader.number(base + ".current");
    pages.limit = reader.number(base + ".max");
    pages.limit_events = value_of(reader.text(base + ".events"), "max");
    pages.reserved = reader.number(base + ".rsvd.current");
    pages.reserved_limit = reader.number(base + ".rsvd.max");
  }
  return result;
}

// "mlx4_0 hca_handle=2 hca_object=2000" a line.
std::map<std::string, ContainerStats::Rdma> rdma(const Reader& reader) {
  std::map<std::string, ContainerStats::Rdma> result;
  std::string current = reader.text("rdma.current");
  for (std::string_view line : lines_in(current)) {
    ContainerStats::Rdma& device = result[std::string(line.substr(0, line.find(' ')))];
    Numbers counted = assignments_in(line);
    device.handles = find(counted, "hca_handle");
    device.objects = find(counted, "hca_object");
  }
  std::string limits = reader.text("rdma.max");
  for (std::string_view line : lines_in(limits)) {
    ContainerStats::Rdma& device = result[std::string(line.substr(0, line.find(' ')))];
    Numbers counted = assignments_in(line);
    device.handle_limit = find(counted, "hca_handle");
    device.object_limit = find(counted, "hca_object");
  }
  return result;
}

}  // namespace

ContainerStats Cgroup::stats() const {
  Reader reader(dir_);
  ContainerStats stats;
  stats.memory = memory(reader);
  stats.cpu = cpu(reader);
  stats.pids.current = reader.number("pids.current");
  stats.pids.limit = reader.number("pids.max");
  stats.io = io(reader);
  stats.io_pressure = reader.pressure("io.pressure");
  stats.hugetlb = hugetlb(reader, dir_);
  stats.rdma = rdma(reader);
  return stats;
}

std::optional<uint64_t> Cgroup::oom_kills() const {
  return value_of(find_content(dir_, "memory.events").value_or(""), "oom_kill");
}

}  // namespace crun::cgroup
