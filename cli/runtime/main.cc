// ctr-runtime: an OCI runtime with runc's command line.
#include <malloc.h>
#include <unistd.h>

#include <charconv>
#include <initializer_list>
#include <new>

#include "cli/command/help.h"
#include "cli/runtime/command.h"
#include "cli/runtime/files.h"
#include "cli/runtime/log.h"
#include "libcrun/spec/spec.h"

namespace crun::cli {

extern const char kCommit[];  // what this was built from; made by the build

namespace {

constexpr const RuntimeCommand* kCommands[] = {
    &kRuntimeCreate, &kRuntimeStart,  &kRuntimeRun,    &kRuntimeExec,       &kRuntimeKill,    &kRuntimeDelete,
    &kRuntimeState,  &kRuntimeList,   &kRuntimePs,     &kRuntimeCheckpoint, &kRuntimeRestore, &kRuntimePause,
    &kRuntimeResume, &kRuntimeUpdate, &kRuntimeEvents, &kRuntimeSpec,       &kRuntimeFeatures};

constexpr Option kGlobalOptions[] = {
    {"cgroup-manager", 0, Takes::value, "name", "cgroupfs, systemd or disabled (default cgroupfs)"},
    {"criu", 0, Takes::value, "path", "program of checkpoint and restore (default criu)"},
    {"debug", 0, Takes::nothing, "", "tell more"},
    {"log", 0, Takes::value, "file", "append errors and warnings to it"},
    {"log-format", 0, Takes::value, "text|json", "form of that file (default text)"},
    {"root", 0, Takes::value, "folder", "states; default in /run, or in XDG_RUNTIME_DIR"},
    {"rootless", 0, Takes::value, "word", "auto, true or false: taken, and found out"},
    {"systemd-cgroup", 0, Takes::nothing, "", "the same as --cgroup-manager systemd"},
    {"version", 'v', Takes::nothing, "", "show the version"},
};
constexpr Grammar kGlobalGrammar{"",         "COMMAND", "run containers from OCI bundles", "", kGlobalOptions, {}, 0,
                                 kAnyNumber, true};

// One of `known`, or "" where it is not given. Throws UsageError.
std::string choice(const Options& globals, std::string_view option, std::initializer_list<std::string_view> known) {
  std::string value = globals.text(option);
  if (globals.find(option) == nullptr) return "";
  for (std::string_view word : known) {
    if (value == word) return value;
  }
  std::string text = "--" + std::string(option) + ": unknown '" + value + "'; give";
  for (std::string_view word : known) text += (word == *known.begin() ? " " : " or ") + std::string(word);
  throw UsageError(text, kRuntimeFailure);
}

LogOptions log_options(const Options& globals) {
  LogOptions log;
  log.file = globals.text("log");
  // crun names the kind of log in front.
  if (constexpr std::string_view kFile = "file:"; log.file.starts_with(kFile)) log.file.erase(0, kFile.size());
  log.json = choice(globals, "log-format", {"text", "json"}) == "json";
  log.debug = globals.flag("debug");
  return log;
}

RuntimeConfig runtime_config(const Options& globals) {
  RuntimeConfig config;
  if (const std::string* root = globals.find("root")) config.state_root = *root;
  if (const std::string* criu = globals.find("criu")) config.criu = *criu;
  choice(globals, "rootless", {"auto", "true", "false"});
  std::string manager = choice(globals, "cgroup-manager", {"cgroupfs", "systemd", "disabled"});
  if (manager == "disabled") config.cgroup_manager = CgroupManager::disabled;
  if (manager == "systemd" || globals.flag("systemd-cgroup")) config.cgroup_manager = CgroupManager::systemd;
  return config;
}

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
  // dockerd takes the words behind "version" and "commit:", containerd those behind "spec:", podman all of it.
  return "ctr-runtime version " CTR_VERSION "\ncommit: " + std::string(kCommit) +
         "\nspec: " + std::string(spec::kVersion) + "\n";
}

const RuntimeCommand& command_named(const std::string& name) {
  for (const RuntimeCommand* command : kCommands) {
    if (command->grammar.name == name) return *command;
  }
  throw UsageError("unknown command '" + name + "'; ctr-runtime --help lists them", kRuntimeFailure);
}

int fail(const std::string& text, int code) {
  write_log(LogLevel::error, text);
  return code;
}

int run_command(const RuntimeCommand& command, const Options& globals) {
  try {
    std::vector<std::string> words(globals.arguments.begin() + 1, globals.arguments.end());
    Options options = parse(command.grammar, words);
    if (options.help) return print_out(help_text("ctr-runtime", command.grammar)), 0;
    // The id and no more: what stands behind it may be nobody's business (exec --env).
    std::string id = options.arguments.empty() ? "" : " " + options.arguments[0];
    write_log(LogLevel::debug, "version " CTR_VERSION ": " + std::string(command.grammar.name) + id);
    return command.run(Runtime(runtime_config(globals)), options);
  } catch (const ProgramError& error) {
    return fail(error.text(), error.exit_code());
  } catch (const UsageError& error) {
    std::string name(command.grammar.name);
    return fail(name + ": " + error.text() + "; see ctr-runtime " + name + " --help", kRuntimeFailure);
  } catch (const Error& error) {
    return fail(error.text(), command.failure);
  }
}

// "help" and "help COMMAND", as runc has them beside --help.
std::string help_of(const std::vector<std::string>& words) {
  return words.size() < 2 ? root_help() : help_text("ctr-runtime", command_named(words[1]).grammar);
}

int run(int argc, char** argv) {
  try {
    std::vector<std::string> words(argv + 1, argv + argc);
    Options globals = parse(kGlobalGrammar, words);
    if (globals.flag("version")) return print_out(version_text()), 0;
    if (globals.help || globals.arguments.empty()) return print_out(root_help()), globals.help ? 0 : kRuntimeFailure;
    if (globals.arguments[0] == "help") return print_out(help_of(globals.arguments)), 0;
    open_log(log_options(globals));
    return run_command(command_named(globals.arguments[0]), globals);
  } catch (const Error& error) {
    return fail(error.text(), kRuntimeFailure);
  } catch (const std::bad_alloc&) {
    return fail("out of memory", kRuntimeFailure);
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

int main(int argc, char** argv) {
  // What is given back to the kernel is asked for again a moment later, page fault by page fault.
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_TOP_PAD, 256 << 10);
  return crun::cli::run(argc, argv);
}
