#include "image/build/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crun/error.h"
#include "image/build/ignore.h"
#include "image/dockerfile/words.h"

namespace crun::build {
namespace {

using namespace dockerfile;

constexpr std::string_view kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// docker sets these without being asked; an empty value would be a silent surprise.
constexpr std::array<std::string_view, 8> kPlatformArguments = {"TARGETPLATFORM", "TARGETOS",      "TARGETARCH",
                                                                "TARGETVARIANT",  "BUILDPLATFORM", "BUILDOS",
                                                                "BUILDARCH",      "BUILDVARIANT"};

std::string joined(const std::vector<std::string>& words) {
  std::string result;
  for (const std::string& word : words) result += (result.empty() ? "" : " ") + word;
  return result;
}

// As Go's %q prints a list of strings.
std::string quoted_list(const std::vector<std::string>& words) {
  std::string result = "[";
  for (const std::string& word : words) {
    if (result.size() > 1) result += ' ';
    result += '"';
    for (char c : word) {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
    result += '"';
  }
  return result + "]";
}

void insert_sorted(std::vector<std::string>& list, const std::string& value) {
  auto at = std::lower_bound(list.begin(), list.end(), value);
  if (at == list.end() || *at != value) list.insert(at, value);
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// One visit of one instruction.
class Evaluation {
 public:
  Evaluation(const Scope& scope, StageState& state)
      : scope_(scope), state_(state), expander_(scope.source, scope.escape, state.environment, state.arguments) {}

  Evaluated operator()(const From&) { throw Error(ErrorKind::internal, "FROM within a stage"); }
  Evaluated operator()(const Arg& arg);
  Evaluated operator()(const Env& env);
  Evaluated operator()(const Label& label);
  Evaluated operator()(const Run& run);
  Evaluated operator()(const Cmd& cmd);
  Evaluated operator()(const Entrypoint& entrypoint);
  Evaluated operator()(const Shell& shell);
  Evaluated operator()(const Copy& copy);
  Evaluated operator()(const Workdir& workdir);
  Evaluated operator()(const User& user);
  Evaluated operator()(const StopSignal& signal);
  Evaluated operator()(const Maintainer& maintainer);
  Evaluated operator()(const Expose& expose);
  Evaluated operator()(const Volume& volume);
  Evaluated operator()(const Healthcheck& check);

 private:
  image::ContainerConfig& config() { return state_.config.config; }

  Evaluated config_alone(std::string created_by) { return Evaluated{std::monostate{}, std::move(created_by)}; }

  // The shell form's line goes to SHELL's words, or to /bin/sh -c.
  std::vector<std::string> full_command(const CommandLine& command) {
    if (!command.shell_form) return command.words;
    std::vector<std::string> words = config().shell;
    if (words.empty()) words = {"/bin/sh", "-c"};
    words.push_back(command.words.at(0));
    return words;
  }

  // Below the working folder; one that an image has without its leading slash means the same with it.
  std::string absolute(const std::string& path) {
    if (!path.empty() && path.front() == '/') return clean_path(path);
    return clean_path("/" + config().working_dir + "/" + path);
  }

  std::string word_not_empty(const Text& text, std::string_view what) {
    std::string value = expander_.word(text);
    if (value.empty()) throw expander_.error(text, fmt::format("{} is empty: '{}' has no value", what, text.value));
    return value;
  }

  unsigned parse_mode(const Text& text);
  std::string port(const Text& text, const std::string& word);
  void refuse_remote(const Text& source, const std::string& value);

  const Scope& scope_;
  StageState& state_;
  Expander expander_;
};

Evaluated Evaluation::operator()(const Arg& arg) {
  std::string history = "ARG";
  for (const Arg::One& one : arg.list) {
    const std::string& name = one.name.value;
    std::optional<std::string> value = scope_.arguments.take(name);
    if (!value && one.value) value = expander_.word(*one.value);
    if (!value) value = scope_.graph.global_arguments.find(name);
    bool of_platform =
        std::find(kPlatformArguments.begin(), kPlatformArguments.end(), name) != kPlatformArguments.end();
    if (!value && of_platform) {
      throw expander_.error(one.name,
                            fmt::format("{} is not set by this release: give it with --build-arg {}=…", name, name));
    }
    history += " " + name + (value ? "=" + *value : "");
    if (value) state_.arguments.set(name, *value);
  }
  return config_alone(std::move(history));
}

Evaluated Evaluation::operator()(const Env& env) {
  // All values are those from before this instruction.
  std::vector<std::pair<std::string, std::string>> values;
  for (const Assignment& one : env.list) {
    values.emplace_back(word_not_empty(one.name, "a variable's name"), expander_.word(one.value));
    if (values.back().first.find('=') != std::string::npos) {
      throw expander_.error(one.name, "a variable's name cannot hold '='");
    }
  }
  std::string history = "ENV";
  for (const auto& [name, value] : values) {
    state_.environment.set(name, value);
    history += " " + name + "=" + value;
  }
  config().env.clear();
  for (const auto& [name, value] : state_.environment.list()) config().env.push_back(name + "=" + value);
  return config_alone(std::move(history));
}

Evaluated Evaluation::operator()(const Label& label) {
  std::string history = "LABEL";
  for (const Assignment& one : label.list) {
    std::string name = word_not_empty(one.name, "a label's name");
    std::string value = expander_.word(one.value);
    history += " " + name + "=" + value;
    config().labels[name] = value;
  }
  return config_alone(std::move(history));
}

Evaluated Evaluation::operator()(const Run& run) {
  RunStep step;
  step.arguments = full_command(run.command);
  step.shell_form = run.command.shell_form;
  step.user = config().user;
  step.working_dir = absolute("");
  for (const auto& [name, value] : state_.arguments.list()) {
    if (state_.environment.find(name)) continue;
    step.build_arguments.emplace_back(name, value);
    step.environment.push_back(name + "=" + value);
  }
  for (const auto& [name, value] : state_.environment.list()) step.environment.push_back(name + "=" + value);
  if (!state_.environment.find("PATH")) step.environment.push_back("PATH=" + std::string(kDefaultPath));
  std::string history = "RUN ";
  if (!step.build_arguments.empty()) {
    history += fmt::format("|{} ", step.build_arguments.size());
    for (const auto& [name, value] : step.build_arguments) history += name + "=" + value + " ";
  }
  history += joined(step.arguments);
  return Evaluated{std::move(step), std::move(history)};
}

Evaluated Evaluation::operator()(const Cmd& cmd) {
  config().cmd = full_command(cmd.command);
  state_.cmd_set = true;
  return config_alone("CMD " + quoted_list(*config().cmd));
}

Evaluated Evaluation::operator()(const Entrypoint& entrypoint) {
  config().entrypoint = full_command(entrypoint.command);
  // A CMD of the base was written for the base's entrypoint.
  if (!state_.cmd_set) config().cmd.reset();
  return config_alone("ENTRYPOINT " + quoted_list(*config().entrypoint));
}

Evaluated Evaluation::operator()(const Shell& shell) {
  config().shell = shell.words;
  return config_alone("SHELL [" + joined(shell.words) + "]");
}

// Owner, group and others; docker takes octal alone here until --chmod of 1.14, which is not in this release.
unsigned Evaluation::parse_mode(const Text& text) {
  std::string value = word_not_empty(text, "--chmod");
  bool octal =
      value.size() <= 5 && std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '7'; });
  unsigned long mode = octal ? std::stoul(value, nullptr, 8) : 0;
  if (!octal || mode > 07777) {
    throw expander_.error(text,
                          fmt::format("--chmod={}: it is octal, from 0 to 7777; symbolic modes are not supported by "
                                      "this release",
                                      value));
  }
  return static_cast<unsigned>(mode);
}

void Evaluation::refuse_remote(const Text& source, const std::string& value) {
  auto begins = [&value](std::string_view prefix) { return value.compare(0, prefix.size(), prefix) == 0; };
  if (begins("http://") || begins("https://")) {
    throw expander_.error(source,
                          "ADD of a URL is not supported by this release: fetch it beside the Dockerfile first");
  }
  if (begins("git@") || begins("git://") || begins("ssh://")) {
    throw expander_.error(source,
                          "ADD of a git repository is not supported by this release: clone it beside the Dockerfile "
                          "first");
  }
}

Evaluated Evaluation::operator()(const Copy& copy) {
  CopyStep step;
  step.add = copy.add;
  std::string history = copy.add ? "ADD" : "COPY";
  if (copy.from) step.from = resolve_copy_source(scope_.source, scope_.graph.stages, scope_.stage, *copy.from);
  if (copy.owner) {
    step.owner = word_not_empty(*copy.owner, "--chown");
    history += " --chown=" + *step.owner;
  }
  if (copy.mode) {
    step.mode = parse_mode(*copy.mode);
    history += fmt::format(" --chmod={:o}", *step.mode);
  }
  for (const Text& source : copy.sources) {
    std::string value = expander_.word(source);
    if (value.empty()) throw expander_.error(source, fmt::format("a source is empty: '{}' has no value", source.value));
    if (copy.add) refuse_remote(source, value);
    history += " " + value;
    step.sources.push_back(std::move(value));
  }
  std::string destination = word_not_empty(copy.destination, "the destination");
  history += " " + destination;
  bool folder = destination.back() == '/' || destination == "." || destination == ".." ||
                (destination.size() > 1 && destination.compare(destination.size() - 2, 2, "/.") == 0);
  if (step.sources.size() > 1 && !folder) {
    throw expander_.error(copy.destination,
                          fmt::format("{} sources go into a folder: write '{}/'", step.sources.size(), destination));
  }
  step.destination = absolute(destination);
  if (folder && step.destination.back() != '/') step.destination += '/';
  return Evaluated{std::move(step), std::move(history)};
}

Evaluated Evaluation::operator()(const Workdir& workdir) {
  config().working_dir = absolute(word_not_empty(workdir.path, "WORKDIR"));
  return Evaluated{FolderStep{config().working_dir}, "WORKDIR " + config().working_dir};
}

Evaluated Evaluation::operator()(const User& user) {
  config().user = word_not_empty(user.user, "USER");
  return config_alone("USER " + config().user);
}

Evaluated Evaluation::operator()(const StopSignal& signal) {
  std::string name = word_not_empty(signal.signal, "STOPSIGNAL");
  bool number = all_digits(name) && name.size() <= 2 && std::stoi(name) >= 1 && std::stoi(name) <= 64;
  bool letters =
      name.size() < 16 && name[0] >= 'A' && name[0] <= 'Z' && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-';
      });
  if (!number && !letters) {
    throw expander_.error(signal.signal,
                          fmt::format("'{}' is no signal: a name like SIGTERM, or a number from 1 to 64", name));
  }
  config().stop_signal = name;
  return config_alone("STOPSIGNAL " + name);
}

Evaluated Evaluation::operator()(const Maintainer& maintainer) {
  state_.config.author = maintainer.name;
  return config_alone("MAINTAINER " + maintainer.name);
}

// "80" is "80/tcp".
std::string Evaluation::port(const Text& text, const std::string& word) {
  size_t slash = word.find('/');
  std::string number = word.substr(0, slash);
  std::string protocol = slash == std::string::npos ? "tcp" : dockerfile::lower_case(word.substr(slash + 1));
  if (number.find('-') != std::string::npos) {
    throw expander_.error(text, "a range of ports in EXPOSE is not supported by this release: name each one");
  }
  bool known = protocol == "tcp" || protocol == "udp" || protocol == "sctp";
  bool in_range = all_digits(number) && number.size() <= 5 && std::stoi(number) >= 1 && std::stoi(number) <= 65535;
  if (!known || !in_range) {
    throw expander_.error(
        text, fmt::format("'{}' is no port: a number from 1 to 65535, and perhaps /tcp, /udp or /sctp", word));
  }
  return std::to_string(std::stoi(number)) + "/" + protocol;
}

Evaluated Evaluation::operator()(const Expose& expose) {
  std::vector<std::string> ports;
  for (const Text& text : expose.ports) {
    for (const std::string& word : expander_.words(text)) ports.push_back(port(text, word));
  }
  for (const std::string& one : ports) insert_sorted(config().exposed_ports, one);
  return config_alone("EXPOSE [" + joined(ports) + "]");
}

Evaluated Evaluation::operator()(const Volume& volume) {
  std::vector<std::string> paths;
  for (const Text& text : volume.paths) paths.push_back(word_not_empty(text, "VOLUME"));
  for (const std::string& path : paths) insert_sorted(config().volumes, path);
  return config_alone("VOLUME [" + joined(paths) + "]");
}

Evaluated Evaluation::operator()(const Healthcheck& check) {
  image::Healthcheck health;
  if (check.none) {
    health.test = {"NONE"};
  } else {
    health.test = {check.command.shell_form ? "CMD-SHELL" : "CMD"};
    health.test.insert(health.test.end(), check.command.words.begin(), check.command.words.end());
    health.interval = check.interval;
    health.timeout = check.timeout;
    health.start_period = check.start_period;
    health.start_interval = check.start_interval;
    health.retries = check.retries;
  }
  config().healthcheck = health;
  return config_alone("HEALTHCHECK " + quoted_list(health.test));
}

}  // namespace

StageState StageState::scratch() {
  image::ImageConfig config;
  config.platform = image::host_platform();
  config.config.env = {"PATH=" + std::string(kDefaultPath)};
  config.config.working_dir = "/";
  return from(std::move(config));
}

StageState StageState::from(image::ImageConfig config) {
  if (!config.config.on_build.empty()) {
    throw Error(ErrorKind::unsupported, "the base image has ONBUILD triggers, which are not supported by this release");
  }
  StageState state;
  for (const std::string& variable : config.config.env) {
    size_t equals = variable.find('=');
    state.environment.set(variable.substr(0, equals), equals == std::string::npos ? "" : variable.substr(equals + 1));
  }
  state.config = std::move(config);
  return state;
}

Evaluated evaluate(const Scope& scope, const Instruction& instruction, StageState& state) {
  return std::visit(Evaluation(scope, state), instruction.body);
}

}  // namespace crun::build
