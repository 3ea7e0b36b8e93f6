#include "base/log.h"

#include <unistd.h>

#include <string>

namespace crun {
namespace {

std::string& program_name() {
  static std::string name = "ctr";
  return name;
}

void write_to_stderr(LogLevel level, std::string_view text) {
  if (level == LogLevel::debug) return;
  std::string line = program_name() + (level == LogLevel::warning ? ": warning: " : ": ") + std::string(text) + "\n";
  // One write, so that lines of several processes do not mix; a closed stderr is nobody's error.
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

LogSink& current_sink() {
  static LogSink sink = write_to_stderr;
  return sink;
}

}  // namespace

void set_log_name(std::string_view program) { program_name() = program; }

void set_log_sink(LogSink sink) { current_sink() = sink == nullptr ? write_to_stderr : sink; }

void log(LogLevel level, std::string_view text) { current_sink()(level, text); }

}  // namespace crun
