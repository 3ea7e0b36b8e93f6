#include "base/log.h"

#include <unistd.h>

#include <string>

namespace crun {
namespace {

std::string& program_name() {
  static std::string name = "ctr";
  return name;
}

LogLevel& least_level() {
  static LogLevel level = LogLevel::warning;
  return level;
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug: ";
    case LogLevel::warning: return "warning: ";
    case LogLevel::error: return "";
  }
  return "";
}

}  // namespace

void set_log(std::string_view program, LogLevel least) {
  program_name() = program;
  least_level() = least;
}

void log(LogLevel level, std::string_view text) {
  if (level < least_level()) return;
  std::string line = program_name() + ": " + std::string(level_name(level)) + std::string(text) + "\n";
  // One write, so that lines of several processes do not mix; a closed stderr is nobody's error.
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace crun
