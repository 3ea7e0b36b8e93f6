// validate()'s rules for user and time namespaces.
#pragma once

#include "libcrun/spec/spec.h"

namespace crun::spec {

// config-linux.md "User namespace mappings": there where a user namespace is made, and whole.
void check_user_namespace(const Linux& linux);

// config-linux.md "Offset for Time Namespace".
void check_time_offsets(const Linux& linux);

// The process's ids exist in a user namespace that is made.
void check_mapped_ids(const Spec& spec);

}  // namespace crun::spec
