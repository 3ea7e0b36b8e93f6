#include "libcrun/security/capabilities.h"

#include <doctest/doctest.h>
#include <sys/capability.h>

#include "crun/error.h"

namespace crun::security {
namespace {

constexpr CapabilityMask kAll = ~CapabilityMask{0};

TEST_CASE("names and numbers are the kernel's") {
  CHECK(find_capability("CAP_CHOWN") == CAP_CHOWN);
  CHECK(find_capability("CAP_SYS_ADMIN") == CAP_SYS_ADMIN);
  CHECK(find_capability("CAP_AUDIT_READ") == CAP_AUDIT_READ);
  CHECK(find_capability("CAP_CHECKPOINT_RESTORE") == 40);
  for (int number = 0; number <= CAP_LAST_CAP; ++number) {
    CHECK(find_capability(capability_name(number)) == number);
  }
  CHECK_FALSE(find_capability("cap_chown").has_value());
  CHECK_FALSE(find_capability("CHOWN").has_value());
  CHECK(capability_name(41).empty());
  CHECK(capability_name(-1).empty());
}

TEST_CASE("sets become bits; what the kernel lacks is named once") {
  spec::Capabilities names;
  names.bounding = {"CAP_KILL", "CAP_FUTURE", "CAP_BPF"};
  names.permitted = {"CAP_KILL", "CAP_FUTURE"};
  names.effective = {"CAP_KILL"};
  std::vector<std::string> ignored;
  CapabilitySets sets = resolve_capabilities(names, kAll & ~(CapabilityMask{1} << 39), ignored);
  CHECK(sets.bounding == CapabilityMask{1} << CAP_KILL);
  CHECK(sets.permitted == CapabilityMask{1} << CAP_KILL);
  CHECK(sets.inheritable == 0);
  CHECK(ignored == std::vector<std::string>{"CAP_FUTURE", "CAP_BPF"});
}

TEST_CASE("sets that the kernel would refuse") {
  std::vector<std::string> ignored;
  spec::Capabilities names;
  names.effective = {"CAP_KILL"};
  CHECK_THROWS_AS(resolve_capabilities(names, kAll, ignored), Error);
  names.permitted = {"CAP_KILL"};
  CHECK_NOTHROW(resolve_capabilities(names, kAll, ignored));
  names.ambient = {"CAP_KILL"};
  CHECK(resolve_capabilities(names, kAll, ignored).ambient == 0);
  names.inheritable = {"CAP_KILL"};
  CHECK(resolve_capabilities(names, kAll, ignored).ambient == 1U << 5);
}

TEST_CASE("the host's") {
  CHECK(last_capability() >= CAP_AUDIT_READ);
  CHECK((host_capabilities() & 1) == 1);
  CHECK((host_capabilities() >> 41) == 0);
}

}  // namespace
}  // namespace crun::security
