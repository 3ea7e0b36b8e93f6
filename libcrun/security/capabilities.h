// Capability names and bits (capabilities(7)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcrun/spec/spec.h"

namespace crun::security {

// Bit n is capability n.
using CapabilityMask = uint64_t;

// "CAP_KILL" -> 5. Upper case and with the prefix, as the spec writes them.
std::optional<int> find_capability(std::string_view name) noexcept;
// The name of bit `number`; empty for one this build does not know.
std::string_view capability_name(int number) noexcept;
// All names, by number.
std::vector<std::string> known_capabilities();

// The highest number that the running kernel has (/proc/sys/kernel/cap_last_cap); read once.
int last_capability();
// All that the running kernel and this build both know.
CapabilityMask host_capabilities();

// What this process may pass on (its permitted set): less than the host's inside another container. Throws SysError.
CapabilityMask own_capabilities();

struct CapabilitySets {
  CapabilityMask bounding = 0;
  CapabilityMask effective = 0;
  CapabilityMask inheritable = 0;
  CapabilityMask permitted = 0;
  CapabilityMask ambient = 0;
  bool operator==(const CapabilitySets&) const = default;
};

// available: what the host has (host_capabilities()). As runc does, a name that nobody knows or that the kernel lacks
// is left out and put into `ignored`, once, so that the caller can warn: a newer engine still runs on an older kernel.
// Ambient ones that are not permitted and inheritable too, which the kernel refuses, are left out silently, as runc
// does. Throws Error{invalid} for an effective set beyond the permitted one.
CapabilitySets resolve_capabilities(const spec::Capabilities& names, CapabilityMask available,
                                    std::vector<std::string>& ignored);

}  // namespace crun::security
