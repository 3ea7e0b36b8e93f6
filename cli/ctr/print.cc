#include "cli/ctr/print.h"

#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>

namespace crun::cli {

void print(std::string_view text) { fwrite(text.data(), 1, text.size(), stdout); }

void flush_output() {
  if (fflush(stdout) != 0 || ferror(stdout) != 0) {
    const int error = errno;
    clearerr(stdout);
    throw SysError(error, "writing to stdout");
  }
}

void print_error(std::string_view command, std::string_view text) {
  const std::string line = fmt::format("ctr{}{}: {}\n", command.empty() ? "" : " ", command, text);
  // One write, so that lines of several processes do not mix; a closed stderr is nobody's error.
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace crun::cli
