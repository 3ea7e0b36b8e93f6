// For those who have something to tell: see crun/log.h for who hears it.
#pragma once

#include <string_view>

#include "crun/log.h"

namespace crun {

// The name before each line on stderr, "ctr" where it was never set. By main, before there are threads.
void set_log_name(std::string_view program);

void log(LogLevel level, std::string_view text);
inline void log_warning(std::string_view text) { log(LogLevel::warning, text); }
inline void log_debug(std::string_view text) { log(LogLevel::debug, text); }

}  // namespace crun
