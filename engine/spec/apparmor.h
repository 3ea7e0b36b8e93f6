// The AppArmor profile of containers that ask for none.
#pragma once

#include "engine/spec/generate.h"

namespace crun::engine {

// Whether the kernel has kAppArmorDefault: not where AppArmor is off, nor where its list cannot be seen.
bool has_default_profile();

// Before a container with this request is made: loads kAppArmorDefault where it is to have it and the kernel does not,
// which is once a boot, by apparmor_parser(8), and notes it in `host`. Without that program containers run as they did
// before. Throws Error{denied} with the program's own words where the profile cannot be loaded.
void provide_default_profile(const ContainerRequest& request, HostFacts& host);

}  // namespace crun::engine
