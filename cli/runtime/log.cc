#include "cli/runtime/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/runtime/files.h"
#include "crun/error.h"
#include "crun/fd.h"

namespace crun::cli {
namespace {

LogOptions& chosen() {
  static LogOptions options;
  return options;
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::warning: return "warning";
    case LogLevel::error: break;
  }
  return "error";
}

// Spec and hooks may name what is no UTF-8; the log is to be read all the same.
std::string quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// logrus' two forms, which runc writes and its callers parse.
std::string log_line(LogLevel level, std::string_view text) {
  std::string name(level_name(level));
  std::string time = timestamp(now());
  if (!chosen().json) return "time=\"" + time + "\" level=" + name + " msg=" + quoted(text) + "\n";
  return "{\"level\":\"" + name + "\",\"msg\":" + quoted(text) + ",\"time\":\"" + time + "\"}\n";
}

void to_stderr(LogLevel level, std::string_view text) {
  std::string line = "ctr-runtime: " + (level == LogLevel::error ? "" : std::string(level_name(level)) + ": ");
  line += std::string(text) + "\n";
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

bool to_file(LogLevel level, std::string_view text) {
  Fd fd(open(chosen().file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd) return false;
  try {
    write_file(fd.get(), log_line(level, text), chosen().file);
  } catch (const SysError&) {
    return false;  // a full disk is not to hide the reason: stderr has it then
  }
  return true;
}

}  // namespace

void open_log(LogOptions options) {
  chosen() = std::move(options);
  set_log_sink(write_log);
}

void write_log(LogLevel level, std::string_view text) {
  if (level == LogLevel::debug && !chosen().debug) return;
  bool in_file = !chosen().file.empty() && to_file(level, text);
  if (!in_file || level == LogLevel::error) to_stderr(level, text);
}

}  // namespace crun::cli
