// io.* of cgroup v2.
#include "crun/error.h"
#include "libcrun/cgroup/settings.h"

namespace crun::cgroup {
namespace {

// v1's blkio weights run from 10 to 1000 as bfq's own file has them, io.weight's from 1 to 10000.
uint64_t weight_of(uint64_t blkio_weight) { return 1 + (blkio_weight - 10) * 9999 / 990; }

void check_weight(const std::string& limit, uint16_t weight) {
  if (weight < 10 || weight > 1000) {
    throw Error(ErrorKind::invalid, limit + ": " + std::to_string(weight) + " is not from 10 to 1000");
  }
}

std::string number(int64_t major, int64_t minor) {
  if (major < 0 || minor < 0) throw Error(ErrorKind::invalid, "blockIO: a device's major and minor cannot be negative");
  return std::to_string(major) + ":" + std::to_string(minor);
}

// device: "8:0 " or empty for all.
Setting weight_setting(const std::string& limit, const std::string& device, uint16_t weight) {
  check_weight(limit, weight);
  return {
      limit,
      "io",
      {{"io.bfq.weight", device + std::to_string(weight)}, {"io.weight", device + std::to_string(weight_of(weight))}}};
}

void add_throttles(Settings& settings, const std::string& limit, std::string_view key,
                   const std::vector<spec::BlockIoThrottle>& throttles) {
  for (const spec::BlockIoThrottle& throttle : throttles) {
    // 0 lifts the limit, as v1 has it.
    std::string rate = throttle.rate == 0 ? "max" : std::to_string(throttle.rate);
    settings.push_back(
        {limit, "io", {{"io.max", number(throttle.major, throttle.minor) + " " + std::string(key) + "=" + rate}}});
  }
}

}  // namespace

Settings io_settings(const spec::BlockIo& io) {
  auto refuse_leaf = [](const std::optional<uint16_t>& leaf_weight) {
    if (leaf_weight.value_or(0) != 0) {
      throw Error(ErrorKind::unsupported, "blockIO.leafWeight: cgroup v2 has no such limit");
    }
  };
  Settings result;
  refuse_leaf(io.leaf_weight);
  if (io.weight.value_or(0) != 0) result.push_back(weight_setting("blockIO.weight", "", *io.weight));
  for (const spec::BlockIoWeight& device : io.weight_devices) {
    refuse_leaf(device.leaf_weight);
    if (device.weight.value_or(0) == 0) continue;
    result.push_back(weight_setting("blockIO.weightDevice", number(device.major, device.minor) + " ", *device.weight));
  }
  add_throttles(result, "blockIO.throttleReadBpsDevice", "rbps", io.read_bps);
  add_throttles(result, "blockIO.throttleWriteBpsDevice", "wbps", io.write_bps);
  add_throttles(result, "blockIO.throttleReadIOPSDevice", "riops", io.read_iops);
  add_throttles(result, "blockIO.throttleWriteIOPSDevice", "wiops", io.write_iops);
  return result;
}

}  // namespace crun::cgroup
