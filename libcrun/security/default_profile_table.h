// The default profile as data: rows in the order in which a filter applies them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "libcrun/security/default_profile.h"
#include "libcrun/spec/spec.h"

namespace crun::security {

// Bits of a row's architectures, which are the machine's own, never its 32-bit companions.
enum ProfileArch : unsigned {
  kAmd64 = 1 << 0,
  kX32 = 1 << 1,
  kX86 = 1 << 2,
  kArm = 1 << 3,
  kArm64 = 1 << 4,
  kPpc64le = 1 << 5,
  kS390 = 1 << 6,
  kS390x = 1 << 7,
  kRiscv64 = 1 << 8,
  kLoongarch64 = 1 << 9,
};

// A condition on one argument.
struct Arg {
  uint32_t index;
  uint64_t value;
  uint64_t value_two;
  spec::SeccompOperator op;
};

struct ProfileRow {
  std::string_view names;  // separated by spaces: one text needs no relocation at the program's start
  spec::SeccompAction action = spec::SeccompAction::allow;
  std::optional<uint32_t> errno_ret = {};
  std::optional<Arg> arg = {};
  KernelVersion least_kernel = {};
  std::string_view needs = {};   // a capability; the row holds only with it
  std::string_view unless = {};  // a capability; the row holds only without it
  unsigned only_on = ~0U;        // ProfileArch bits
  unsigned not_on = 0;
};

std::span<const ProfileRow> default_profile_rows();

}  // namespace crun::security
