#include "engine/log/entry.h"

#include <nlohmann/json.hpp>

namespace crun::engine {

std::optional<LogEntry> parse_log_line(std::string_view line) {
  // Ours alone writes this file; a damaged line is expected, so nothing is thrown for it.
  nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  auto text = object.find("log");
  auto stream = object.find("stream");
  auto time = object.find("time");
  if (text == object.end() || !text->is_string() || stream == object.end() || time == object.end() ||
      !time->is_string()) {
    return std::nullopt;
  }
  return LogEntry{text->get<std::string>(), *stream == "stderr" ? 2 : 1, time->get<std::string>()};
}

}  // namespace crun::engine
