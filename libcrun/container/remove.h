// Steps 12 and 13 of runtime.md "Lifecycle": what create made is undone, and the poststop hooks run.
#pragma once

#include <optional>

#include "crun/fd.h"
#include "libcrun/container/state.h"

namespace crun::container {

// Of a folder whose lock the caller holds. process: the first one, where it lives; it is killed and waited for. Throws
// where something cannot be removed: the rest is there still then, to be destroyed again.
void destroy(const Folder& folder, const Record& record, const std::optional<Fd>& process);

// A hook that fails is a warning.
void run_poststop(const Record& record);

}  // namespace crun::container
