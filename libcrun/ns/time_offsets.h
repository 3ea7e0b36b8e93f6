// config-linux.md "Offset for Time Namespace".
#pragma once

#include <string>

#include "libcrun/spec/spec.h"

namespace crun::ns {

// The lines of /proc/PID/timens_offsets (time_namespaces(7)); empty for no offset. Pure.
std::string time_offsets_text(const spec::TimeOffsets& offsets);

}  // namespace crun::ns
