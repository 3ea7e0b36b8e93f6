// The rules of the runtime-spec that one field's type cannot say, and the refusal of what this runtime cannot do yet:
// whatever is asked for and not refused here is acted on.
#pragma once

#include "crun/export.h"
#include "libcrun/spec/spec.h"

namespace crun::spec {

// Looks at the spec alone, never at the host. Throws Error{invalid} where a rule is broken and Error{unsupported} where
// a field is valid but not supported; both name the field ("process.cwd: …").
CRUN_API void validate(const Spec& spec);

// The same for a process on its own (`exec`).
CRUN_API void validate(const Process& process);

// The same for resources on their own (`update`).
CRUN_API void validate(const Resources& resources);

}  // namespace crun::spec
