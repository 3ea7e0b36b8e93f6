// What a person should know and no caller can be told by an error: one line each on stderr, prefixed by the program.
#pragma once

#include <string_view>

namespace crun {

enum class LogLevel { debug, warning, error };

// Set once, by main, before there are threads. program: "ctr", "ctr-runtime". Nothing below `least` is written.
void set_log(std::string_view program, LogLevel least);

void log(LogLevel level, std::string_view text);
inline void log_warning(std::string_view text) { log(LogLevel::warning, text); }
inline void log_debug(std::string_view text) { log(LogLevel::debug, text); }

}  // namespace crun
