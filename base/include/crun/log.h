// What a person should know and no caller can be told by an error.
#pragma once

#include <string_view>

#include "crun/export.h"

namespace crun {

enum class LogLevel { debug, warning, error };

// Called in the thread where it arises, with one line of text. Throws nothing.
using LogSink = void (*)(LogLevel level, std::string_view text);

// Who is told from now on; nullptr: stderr, warnings and errors alone, which is what a program begins with. To be set
// before there are threads.
CRUN_API void set_log_sink(LogSink sink);

}  // namespace crun
