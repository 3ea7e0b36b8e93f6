// memory.* of cgroup v2.
#include "crun/error.h"
#include "libcrun/cgroup/settings.h"

namespace crun::cgroup {
namespace {

// 0 is "not given", as engines that fill in every number mean it.
bool given(const std::optional<int64_t>& value) { return value.value_or(0) != 0; }

std::string bytes(std::string_view limit, int64_t value) {
  if (value < -1) {
    throw Error(ErrorKind::invalid, std::string(limit) + ": " + std::to_string(value) + " is not a number of bytes");
  }
  return value == -1 ? "max" : std::to_string(value);
}

Setting setting(std::string limit, std::string file, std::string value) {
  return {std::move(limit), "memory", {{std::move(file), std::move(value)}}};
}

// v1, which the config speaks, counts memory and swap together; v2 counts swap alone.
std::optional<std::string> swap_alone(const spec::Memory& memory) {
  int64_t limit = memory.limit.value_or(0);
  if (!given(memory.swap)) return limit == -1 ? std::optional<std::string>("max") : std::nullopt;
  if (*memory.swap == -1) return "max";
  if (limit <= 0)
    throw Error(ErrorKind::invalid, "memory.swap: counts memory and swap together, so it needs memory.limit");
  if (*memory.swap < limit) {
    throw Error(ErrorKind::invalid, "memory.swap: " + std::to_string(*memory.swap) +
                                        " counts memory and swap together, so it cannot be below memory.limit " +
                                        std::to_string(limit));
  }
  return std::to_string(*memory.swap - limit);
}

void refuse_v1(const spec::Memory& memory) {
  auto refuse = [](std::string_view limit) {
    throw Error(ErrorKind::unsupported, std::string(limit) + ": cgroup v2 has no such limit");
  };
  if (memory.kernel.value_or(0) > 0) refuse("memory.kernel");
  if (memory.kernel_tcp.value_or(0) > 0) refuse("memory.kernelTCP");
  if (memory.swappiness) refuse("memory.swappiness");
  if (memory.disable_oom_killer.value_or(false)) refuse("memory.disableOOMKiller");
  if (!memory.use_hierarchy.value_or(true)) refuse("memory.useHierarchy");
}

}  // namespace

Settings memory_settings(const spec::Memory& memory) {
  refuse_v1(memory);
  Settings result;
  if (given(memory.reservation)) {
    result.push_back(setting("memory.reservation", "memory.low", bytes("memory.reservation", *memory.reservation)));
  }
  std::optional<std::string> swap = swap_alone(memory);
  if (swap) {
    result.push_back(setting("memory.swap", "memory.swap.max", *swap));
    result.back().met_without = *swap == "max" || *swap == "0";
  }
  if (given(memory.limit)) {
    result.push_back(setting("memory.limit", "memory.max", bytes("memory.limit", *memory.limit)));
  }
  return result;
}

}  // namespace crun::cgroup
