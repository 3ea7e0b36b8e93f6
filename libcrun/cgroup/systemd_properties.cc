// A cgroup's files, and device rules, as properties of systemd's units (systemd.resource-control(5)).
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "crun/error.h"
#include "libcrun/cgroup/files.h"
#include "libcrun/cgroup/systemd_unit.h"

namespace crun::cgroup {
namespace {

using dbus::Properties;
using dbus::Property;

constexpr uint64_t kInfinity = std::numeric_limits<uint64_t>::max();

// "max" is systemd's infinity; nothing for what is no number, as "50%".
std::optional<uint64_t> amount(std::string_view text) {
  if (text == "max") return kInfinity;
  return number_in(text);
}

// Files whose value is one number in both worlds.
struct Amount {
  std::string_view file;
  std::string_view property;
};
constexpr Amount kAmounts[] = {
    {"memory.max", "MemoryMax"}, {"memory.high", "MemoryHigh"},        {"memory.low", "MemoryLow"},
    {"memory.min", "MemoryMin"}, {"memory.swap.max", "MemorySwapMax"}, {"pids.max", "TasksMax"},
    {"cpu.weight", "CPUWeight"},
};

struct Throttle {
  std::string_view key;
  std::string_view property;
};
constexpr Throttle kThrottles[] = {{"rbps", "IOReadBandwidthMax"},
                                   {"wbps", "IOWriteBandwidthMax"},
                                   {"riops", "IOReadIOPSMax"},
                                   {"wiops", "IOWriteIOPSMax"}};

void set(Properties& properties, std::string_view name, dbus::Value value) {
  for (Property& property : properties) {
    if (property.name == name) return void(property.value = std::move(value));
  }
  properties.push_back({std::string(name), std::move(value)});
}

// Of a property that is a list by device; a device's later value takes the earlier one's place.
void set_for_device(Properties& properties, std::string_view name, std::string_view number, uint64_t value) {
  std::string path = "/dev/block/" + std::string(number);
  for (Property& property : properties) {
    if (property.name != name) continue;
    auto& list = std::get<dbus::StringNumbers>(property.value);
    auto same = std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.first == path; });
    if (same != list.end()) return void(same->second = value);
    return list.emplace_back(path, value), void();
  }
  properties.push_back({std::string(name), dbus::StringNumbers{{path, value}}});
}

// "0-3,7" as a bit for each, the lowest first.
std::optional<dbus::Bytes> bits_of(std::string_view list) {
  constexpr size_t kMost = 8192;  // CONFIG_NR_CPUS' largest
  dbus::Bytes bits;
  while (!list.empty()) {
    std::string_view range = list.substr(0, list.find(','));
    list.remove_prefix(std::min(range.size() + 1, list.size()));
    if (range.empty()) continue;
    size_t dash = range.find('-');
    std::optional<uint64_t> first = number_in(range.substr(0, dash));
    std::optional<uint64_t> last = dash == std::string_view::npos ? first : number_in(range.substr(dash + 1));
    if (!first || !last || *last >= kMost) return std::nullopt;
    for (uint64_t bit = *first; bit <= *last; ++bit) {
      if (bits.size() <= bit / 8) bits.resize(bit / 8 + 1);
      bits[bit / 8] = static_cast<uint8_t>(bits[bit / 8] | 1U << bit % 8);
    }
  }
  return bits.empty() ? std::nullopt : std::optional(bits);
}

// "50000 100000", "max".
void set_quota(Properties& properties, std::string_view value) {
  constexpr uint64_t kDefaultPeriod = 100000;
  constexpr uint64_t kSecond = 1000000;
  // systemd keeps whole percents: rounded up, so that it gives no less than asked for. The file has the exact value.
  constexpr uint64_t kPercent = kSecond / 100;
  std::vector<std::string_view> words = words_in(value);
  if (words.empty()) return;
  std::optional<uint64_t> quota = amount(words[0]);
  uint64_t period = words.size() > 1 ? number_in(words[1]).value_or(0) : kDefaultPeriod;
  if (!quota || period == 0) return;
  uint64_t in_a_second = kInfinity;
  if (*quota != kInfinity) {
    if (*quota > kInfinity / kSecond) return;
    in_a_second = (*quota * kSecond / period + kPercent - 1) / kPercent * kPercent;
  }
  set(properties, "CPUQuotaPerSecUSec", in_a_second);
  if (words.size() > 1) set(properties, "CPUQuotaPeriodUSec", period);
}

// "100" and "default 100" for all, "8:0 100" for one device.
void set_weight(Properties& properties, std::string_view value) {
  std::vector<std::string_view> words = words_in(value);
  if (words.empty()) return;
  std::optional<uint64_t> weight = number_in(words.back());
  if (!weight) return;
  if (words.size() == 1 || words[0] == "default") return set(properties, "IOWeight", *weight);
  set_for_device(properties, "IODeviceWeight", words[0], *weight);
}

// "8:0 rbps=1048576".
void set_throttles(Properties& properties, std::string_view value) {
  std::vector<std::string_view> words = words_in(value);
  for (size_t i = 1; i < words.size(); ++i) {
    size_t equals = std::min(words[i].find('='), words[i].size());
    for (const Throttle& throttle : kThrottles) {
      if (words[i].substr(0, equals) != throttle.key) continue;
      std::optional<uint64_t> rate = amount(words[i].substr(std::min(equals + 1, words[i].size())));
      if (rate) set_for_device(properties, throttle.property, words[0], *rate);
    }
  }
}

void add_file(Properties& properties, const Setting::File& file) {
  for (const Amount& entry : kAmounts) {
    if (file.name != entry.file) continue;
    if (std::optional<uint64_t> value = amount(file.value)) set(properties, entry.property, *value);
    return;
  }
  if (file.name == "cpu.max") return set_quota(properties, file.value);
  // systemd 252: the weight 0 is "idle".
  if (file.name == "cpu.idle" && file.value == "1") return set(properties, "CPUWeight", uint64_t{0});
  if (file.name == "io.weight") return set_weight(properties, file.value);
  if (file.name == "io.max") return set_throttles(properties, file.value);
  if (file.name == "cpuset.cpus" || file.name == "cpuset.mems") {
    std::optional<dbus::Bytes> bits = bits_of(file.value);
    if (bits) set(properties, file.name == "cpuset.cpus" ? "AllowedCPUs" : "AllowedMemoryNodes", *bits);
  }
}

// /proc/devices: "Character devices:\n  1 mem\n…\nBlock devices:\n…".
std::optional<std::string> group_name(std::string_view devices_file, bool block, int64_t major) {
  size_t blocks = std::min(devices_file.find("Block devices:"), devices_file.size());
  std::string_view part = block ? devices_file.substr(blocks) : devices_file.substr(0, blocks);
  std::vector<std::string_view> words = words_in(part);
  for (size_t i = 2; i + 1 < words.size(); i += 2) {
    if (words[i] == std::to_string(major)) return std::string(words[i + 1]);
  }
  return std::nullopt;
}

// How DeviceAllow names what a rule names; nothing where it cannot.
std::optional<std::string> device_name(const spec::DeviceRule& rule, bool block, std::string_view devices_file) {
  std::string kind = block ? "block" : "char";
  int64_t major = rule.major.value_or(-1);
  int64_t minor = rule.minor.value_or(-1);
  if (major < 0 && minor < 0) return kind + "-*";
  if (major < 0) return std::nullopt;
  if (minor >= 0) return "/dev/" + kind + "/" + std::to_string(major) + ":" + std::to_string(minor);
  std::optional<std::string> group = group_name(devices_file, block, major);
  return group ? std::optional(kind + "-" + *group) : std::nullopt;
}

bool is_everything(const spec::DeviceRule& rule) {
  return rule.type == spec::DeviceType::all && rule.major.value_or(-1) < 0 && rule.minor.value_or(-1) < 0;
}

}  // namespace

Properties unit_properties(const Settings& settings) {
  Properties properties;
  for (const Setting& setting : settings) {
    for (const Setting::File& file : setting.files) add_file(properties, file);
  }
  return properties;
}

Properties device_properties(const std::vector<spec::DeviceRule>& rules, std::string_view devices_file) {
  Properties open = {{"DevicePolicy", std::string("auto")}, {"DeviceAllow", dbus::StringPairs{}}};
  dbus::StringPairs allowed;
  bool all = false;
  for (const spec::DeviceRule& rule : rules) {
    if (is_everything(rule)) {
      all = rule.allow;
      allowed.clear();
      continue;
    }
    if (!rule.allow) continue;  // systemd's list would have to be narrower than it can be: the program denies
    for (bool block : {false, true}) {
      if (rule.type == (block ? spec::DeviceType::character : spec::DeviceType::block)) continue;
      std::optional<std::string> name = device_name(rule, block, devices_file);
      if (!name) return open;
      allowed.emplace_back(*name, rule.access.empty() ? "rwm" : rule.access);
    }
  }
  if (all) return open;
  return {{"DevicePolicy", std::string("strict")}, {"DeviceAllow", allowed}};
}

}  // namespace crun::cgroup
