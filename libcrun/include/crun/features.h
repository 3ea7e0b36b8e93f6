// What this runtime can do: the document of runtime-spec "features.md", as `ctr-runtime features` prints it.
#pragma once

#include <string>

#include "crun/export.h"

namespace crun {

// JSON, indented. Holds nothing of the host but what the running kernel's security modules answer.
CRUN_API std::string features_document();

}  // namespace crun
