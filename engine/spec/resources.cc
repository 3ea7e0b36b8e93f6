#include "engine/spec/generate.h"

namespace crun::engine {
namespace {

using spec::DeviceRule;
using spec::DeviceType;

constexpr uint64_t kCpuPeriod = 100'000;  // microseconds, the kernel's own default

DeviceRule allow(DeviceType type, std::optional<int64_t> major, std::optional<int64_t> minor, const char* access) {
  DeviceRule rule;
  rule.allow = true;
  rule.type = type;
  rule.major = major;
  rule.minor = minor;
  rule.access = access;
  return rule;
}

std::vector<DeviceRule> device_rules(bool privileged) {
  if (privileged) return {allow(DeviceType::all, std::nullopt, std::nullopt, "rwm")};
  // All is denied but what the runtime adds: the devices that the spec promises every container, and making nodes,
  // which is harmless where they cannot be opened.
  DeviceRule none;
  none.access = "rwm";
  return {none};
}

}  // namespace

spec::Resources container_resources(const ContainerRequest& request) {
  spec::Resources resources;
  resources.devices = device_rules(request.privileged);
  if (request.memory) {
    spec::Memory memory;
    memory.limit = *request.memory;
    // docker's default: as much swap as memory.
    memory.swap = request.memory_swap.value_or(*request.memory * 2);
    resources.memory = memory;
  }
  if (request.nano_cpus) {
    spec::Cpu cpu;
    cpu.period = kCpuPeriod;
    cpu.quota = *request.nano_cpus / 10'000;  // of 1e9 to microseconds of 100'000
    resources.cpu = cpu;
  }
  if (request.pids_limit && *request.pids_limit != 0) resources.pids_limit = *request.pids_limit;
  return resources;
}

}  // namespace crun::engine
