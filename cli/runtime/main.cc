// ctr-runtime: an OCI runtime with runc's command line.
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <new>
#include <nlohmann/json.hpp>

#include "cli/command/help.h"
#include "cli/runtime/command.h"
#include "cli/runtime/files.h"
#include "libcrun/spec/spec.h"

namespace crun::cli {
namespace {

constexpr const RuntimeCommand* kCommands[] = {&kRuntimeCreate, &kRuntimeStart,  &kRuntimeRun,     &kRuntimeExec,
                                               &kRuntimeKill,   &kRuntimeDelete, &kRuntimeState,   &kRuntimeList,
                                               &kRuntimePs,     &kRuntimePause,  &kRuntimeResume,  &kRuntimeUpdate,
                                               &kRuntimeEvents, &kRuntimeSpec,   &kRuntimeFeatures};

constexpr Option kGlobalOptions[] = {
    {"debug", 0, Takes::nothing, "", "", true},  // podman and containerd give it; there is nothing more to tell
    {"log", 0, Takes::value, "file", "append errors to a file, too"},
    {"log-format", 0, Takes::value, "text|json", "form of that file (default text)"},
    {"root", 0, Takes::value, "folder", "where states are kept (default /run/ctr-runtime)"},
    {"rootless", 0, Takes::value, "auto|false", "", true},
    {"criu", 0, Takes::value, "path", "", true},  // containerd gives it whether it will be used or not
    {"version", 'v', Takes::nothing, "", "show the version"},
};
constexpr RefusedOption kGlobalRefused[] = {
    {"systemd-cgroup", 0, "the systemd cgroup driver is not supported yet; use cgroupfs"}};
constexpr Grammar kGlobalGrammar{
    "", "COMMAND", "run containers from OCI bundles", "", kGlobalOptions, kGlobalRefused, 0, kAnyNumber, true};

// Where containerd and docker look for the reason of a failure.
struct ErrorLog {
  std::string file;
  bool json = false;

  void write(const std::string& text) const {
    if (file.empty()) return;
    Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!fd) return;  // stderr has it
    std::string time = timestamp(now());
    std::string line = json ? nlohmann::json{{"level", "error"}, {"msg", text}, {"time", time}}.dump()
                            : "time=\"" + time + "\" level=error msg=" + nlohmann::json(text).dump();
    write_file(fd.get(), line + "\n", file);
  }
};

std::string root_help() {
  std::string text = "Usage:  ctr-runtime [OPTIONS] COMMAND\n\nRun containers from OCI bundles.\n\nCommands:\n";
  for (const RuntimeCommand* command : kCommands) {
    std::string name(command->grammar.name);
    text += "  " + name + std::string(12 - name.size(), ' ') + std::string(command->grammar.summary) + "\n";
  }
  return text + "\nOptions:\n" + option_lines(kGlobalOptions) +
         "\nctr-runtime COMMAND --help shows a command's options.\n";
}

std::string version_text() {
  return "ctr-runtime version " CTR_VERSION "\nspec: " + std::string(spec::kVersion) + "\n";
}

const RuntimeCommand& command_named(const std::string& name) {
  for (const RuntimeCommand* command : kCommands) {
    if (command->grammar.name == name) return *command;
  }
  throw UsageError("unknown command '" + name + "'; ctr-runtime --help lists them", kRuntimeFailure);
}

int run_command(const Options& globals, ErrorLog& log) {
  log.file = globals.text("log");
  log.json = globals.text("log-format") == "json";
  std::vector<std::string> words = globals.arguments;
  const RuntimeCommand& command = command_named(words[0]);
  words.erase(words.begin());
  Options options = parse(command.grammar, words);
  if (options.help) {
    print_out(help_text("ctr-runtime", command.grammar));
    return 0;
  }
  const std::string* root = globals.find("root");
  return command.run(Runtime(root == nullptr ? kDefaultRuntimeRoot : *root), options);
}

int fail(const ErrorLog& log, const std::string& text, int code) {
  std::string line = "ctr-runtime: " + text + "\n";
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, line.data(), line.size());
  log.write(text);
  return code;
}

int run(int argc, char** argv) {
  ErrorLog log;
  try {
    std::vector<std::string> words(argv + 1, argv + argc);
    Options globals = parse(kGlobalGrammar, words);
    if (globals.flag("version")) return print_out(version_text()), 0;
    if (globals.help || globals.arguments.empty()) return print_out(root_help()), globals.help ? 0 : kRuntimeFailure;
    return run_command(globals, log);
  } catch (const ProgramError& error) {
    return fail(log, error.text(), error.exit_code());
  } catch (const Error& error) {
    return fail(log, error.text(), kRuntimeFailure);
  } catch (const std::bad_alloc&) {
    return fail(log, "out of memory", kRuntimeFailure);
  }
}

}  // namespace

void print_out(std::string_view text) { write_file(STDOUT_FILENO, text, "standard output"); }

int number_option(const Options& options, std::string_view name, int otherwise) {
  const std::string* text = options.find(name);
  if (text == nullptr) return otherwise;
  int value = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  constexpr int kMost = 65536;
  if (error != std::errc() || end != text->data() + text->size() || value < 0 || value > kMost) {
    throw UsageError("--" + std::string(name) + " '" + *text + "' is not a number from 0 to 65536", kRuntimeFailure);
  }
  return value;
}

}  // namespace crun::cli

int main(int argc, char** argv) { return crun::cli::run(argc, argv); }
