#include "cli/runtime/stats_json.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace crun::cli {
namespace {

using nlohmann::json;

constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kNanosecondsInMicrosecond = 1000;

uint64_t nanoseconds(const std::optional<uint64_t>& microseconds) {
  return microseconds.value_or(0) * kNanosecondsInMicrosecond;
}

json times_json(const Pressure::Times& times) {
  return {{"avg10", times.avg10}, {"avg60", times.avg60}, {"avg300", times.avg300}, {"total", times.total}};
}

void add_pressure(json& object, const std::optional<Pressure>& pressure) {
  if (pressure) object["psi"] = {{"some", times_json(pressure->some)}, {"full", times_json(pressure->full)}};
}

json cpu_json(const ContainerStats::Cpu& cpu) {
  json result = {
      {"usage",
       {{"total", nanoseconds(cpu.usage)}, {"kernel", nanoseconds(cpu.system)}, {"user", nanoseconds(cpu.user)}}},
      {"throttling",
       {{"periods", cpu.periods.value_or(0)},
        {"throttledPeriods", cpu.throttled_periods.value_or(0)},
        {"throttledTime", nanoseconds(cpu.throttled)}}}};
  if (cpu.burst_periods) {
    result["burst"] = {{"burstsPeriods", *cpu.burst_periods}, {"burstTime", nanoseconds(cpu.burst)}};
  }
  add_pressure(result, cpu.pressure);
  return result;
}

json memory_entry(std::optional<uint64_t> usage, std::optional<uint64_t> peak, std::optional<uint64_t> limit,
                  std::optional<uint64_t> failures) {
  return {{"limit", limit.value_or(kNoLimit)},
          {"usage", usage.value_or(0)},
          {"max", peak.value_or(0)},
          {"failcnt", failures.value_or(0)}};
}

std::optional<uint64_t> sum(std::optional<uint64_t> a, std::optional<uint64_t> b) {
  return a && b ? std::optional<uint64_t>(*a + *b) : std::nullopt;
}

json memory_json(const ContainerStats::Memory& memory) {
  auto cache = memory.detail.find("file");
  json empty = memory_entry(0, {}, 0, {});
  json result = {{"cache", cache == memory.detail.end() ? 0 : cache->second},
                 {"usage", memory_entry(memory.current, memory.peak, memory.limit, memory.limit_events)},
                 // cgroup v1, which these names are of, counts memory and swap together.
                 {"swap", memory_entry(sum(memory.current, memory.swap_current.value_or(0)), {},
                                       sum(memory.limit, memory.swap_limit), {})},
                 {"kernel", empty},
                 {"kernelTCP", empty},
                 {"raw", memory.detail}};
  add_pressure(result, memory.pressure);
  return result;
}

void add_operation(json& list, const ContainerStats::IoDevice& device, const char* name, uint64_t value) {
  list.push_back({{"major", device.major}, {"minor", device.minor}, {"op", name}, {"value", value}});
}

json io_json(const ContainerStats& stats) {
  json bytes = json::array();
  json operations = json::array();
  for (const ContainerStats::IoDevice& device : stats.io) {
    add_operation(bytes, device, "Read", device.read_bytes);
    add_operation(bytes, device, "Write", device.write_bytes);
    add_operation(bytes, device, "Discard", device.discard_bytes);
    add_operation(operations, device, "Read", device.reads);
    add_operation(operations, device, "Write", device.writes);
    add_operation(operations, device, "Discard", device.discards);
  }
  json result = json::object();
  if (!stats.io.empty()) result = {{"ioServiceBytesRecursive", bytes}, {"ioServicedRecursive", operations}};
  add_pressure(result, stats.io_pressure);
  return result;
}

json hugetlb_json(const ContainerStats& stats) {
  json result = json::object();
  for (const auto& [size, pages] : stats.hugetlb) {
    result[size] = {{"usage", pages.current.value_or(0)}, {"failcnt", pages.limit_events.value_or(0)}};
  }
  return result;
}

json rdma_json(const ContainerStats& stats) {
  json current = json::array();
  json limits = json::array();
  for (const auto& [device, rdma] : stats.rdma) {
    current.push_back(
        {{"device", device}, {"hcaHandles", rdma.handles.value_or(0)}, {"hcaObjects", rdma.objects.value_or(0)}});
    limits.push_back({{"device", device},
                      {"hcaHandles", rdma.handle_limit.value_or(std::numeric_limits<uint32_t>::max())},
                      {"hcaObjects", rdma.object_limit.value_or(std::numeric_limits<uint32_t>::max())}});
  }
  return {{"rdmaCurrent", current}, {"rdmaLimit", limits}};
}

}  // namespace

json stats_json(const ContainerStats& stats) {
  json result = {{"cpu", cpu_json(stats.cpu)},
                 {"cpuset", json::object()},
                 {"memory", memory_json(stats.memory)},
                 {"pids", {{"current", stats.pids.current.value_or(0)}, {"limit", stats.pids.limit.value_or(0)}}},
                 {"blkio", io_json(stats)},
                 {"hugetlb", hugetlb_json(stats)},
                 {"intel_rdt", json::object()},
                 {"network_interfaces", nullptr}};
  if (!stats.rdma.empty()) result["rdma"] = rdma_json(stats);
  return result;
}

}  // namespace crun::cli
