// One line of a container's log.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace crun::engine {

struct LogEntry {
  std::string text;  // with its newline, where the container wrote one
  int stream = 1;    // 1 stdout, 2 stderr
  std::string time;  // RFC 3339 with nine digits: texts sort as times do
};

// Nothing for a line that is no entry: what a killed monitor left half written.
std::optional<LogEntry> parse_log_line(std::string_view line);

}  // namespace crun::engine
