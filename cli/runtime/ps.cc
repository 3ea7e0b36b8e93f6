#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/runtime/command.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {{"format", 'f', Takes::value, "table|json", "form of the output (default table)"}};

std::string read_all(int fd) {
  std::string text;
  std::array<char, 16384> buffer;
  for (;;) {
    ssize_t count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SysError(errno, "reading what ps prints");
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(count));
  }
}

// What ps(1) prints of the whole machine; its errors go to our stderr.
std::string output_of_ps(std::vector<std::string> arguments) {
  std::array<int, 2> ends{};
  checked(pipe2(ends.data(), O_CLOEXEC), "making a pipe");
  Fd ours(ends[0]);
  Fd theirs(ends[1]);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDOUT_FILENO);
  pid_t pid = -1;
  int error = posix_spawnp(&pid, "ps", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw SysError(error, "starting ps (Debian's procps; --format json does without it)");
  theirs.reset();
  std::string text = read_all(ours.get());
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0) throw Error(ErrorKind::system, "ps failed: see above");
  return text;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t start = text.find_first_not_of(separators);
    if (start == std::string_view::npos) return parts;
    text.remove_prefix(start);
    size_t end = std::min(text.find_first_of(separators), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

// The title line, and the lines of these processes.
std::string lines_of(std::string_view text, const std::vector<pid_t>& pids) {
  std::vector<std::string_view> lines = split(text, "\n");
  std::vector<std::string_view> titles = lines.empty() ? std::vector<std::string_view>() : split(lines[0], " \t");
  auto title = std::find(titles.begin(), titles.end(), "PID");
  if (title == titles.end()) throw Error(ErrorKind::invalid, "ps prints no column PID: add it to the ps options");
  auto column = static_cast<size_t>(title - titles.begin());
  std::string result(lines[0]);
  result += '\n';
  for (std::string_view line : lines) {
    std::vector<std::string_view> fields = split(line, " \t");
    if (fields.size() <= column) continue;
    pid_t pid = -1;
    std::from_chars(fields[column].data(), fields[column].data() + fields[column].size(), pid);
    if (std::binary_search(pids.begin(), pids.end(), pid)) result.append(line).append("\n");
  }
  return result;
}

int ps(const Runtime& runtime, const Options& options) {
  std::string format = options.find("format") == nullptr ? "table" : options.text("format");
  std::vector<pid_t> pids = runtime.processes(options.arguments[0]);
  if (format == "json") {
    print_out(nlohmann::json(pids).dump() + "\n");
  } else if (format == "table") {
    std::vector<std::string> arguments = options.arguments;
    arguments[0] = "ps";
    if (arguments.size() == 1) arguments.emplace_back("-ef");
    print_out(lines_of(output_of_ps(std::move(arguments)), pids));
  } else {
    throw UsageError("unknown format '" + format + "'; give table or json", kRuntimeFailure);
  }
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimePs{{"ps",
                                 "ID [PS-OPTION...]",
                                 "show the processes of a container, by ps(1)",
                                 "ctr-runtime ps c1 -o pid,comm",
                                 kOptions,
                                 {},
                                 1,
                                 kAnyNumber,
                                 true},
                                ps};

}  // namespace crun::cli
