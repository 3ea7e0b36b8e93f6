#include "tests/unit/image/dockerfile/dump.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace {

using namespace crun::dockerfile;

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

std::string quoted(const Text& text) {
  return fmt::format("{}@{}:{}", quoted(text.value), text.at.line, text.at.column);
}

template <typename List>
std::string all(const List& list) {
  std::string result;
  for (const auto& one : list) result += " " + quoted(one);
  return result;
}

std::string pairs(const std::vector<Assignment>& list) {
  std::string result;
  for (const Assignment& one : list) result += " " + quoted(one.name) + "=" + quoted(one.value.value);
  return result;
}

std::string command(const CommandLine& line) { return (line.shell_form ? " shell" : " exec") + all(line.words); }

struct Dump {
  std::string operator()(const From& from) const {
    return "FROM " + quoted(from.image) + (from.name ? " AS " + quoted(*from.name) : "");
  }
  std::string operator()(const Arg& arg) const {
    std::string result = "ARG";
    for (const Arg::One& one : arg.list)
      result += " " + quoted(one.name) + (one.value ? "=" + quoted(one.value->value) : "");
    return result;
  }
  std::string operator()(const Env& env) const { return "ENV" + pairs(env.list); }
  std::string operator()(const Label& label) const { return "LABEL" + pairs(label.list); }
  std::string operator()(const Run& run) const { return "RUN" + command(run.command); }
  std::string operator()(const Cmd& cmd) const { return "CMD" + command(cmd.command); }
  std::string operator()(const Entrypoint& entrypoint) const { return "ENTRYPOINT" + command(entrypoint.command); }
  std::string operator()(const Shell& shell) const { return "SHELL" + all(shell.words); }
  std::string operator()(const Copy& copy) const {
    std::string result = copy.add ? "ADD" : "COPY";
    if (copy.from) result += " from=" + quoted(*copy.from);
    if (copy.owner) result += " owner=" + quoted(*copy.owner);
    if (copy.mode) result += " mode=" + quoted(*copy.mode);
    return result + all(copy.sources) + " to " + quoted(copy.destination);
  }
  std::string operator()(const Workdir& workdir) const { return "WORKDIR " + quoted(workdir.path); }
  std::string operator()(const User& user) const { return "USER " + quoted(user.user); }
  std::string operator()(const StopSignal& signal) const { return "STOPSIGNAL " + quoted(signal.signal); }
  std::string operator()(const Maintainer& maintainer) const { return "MAINTAINER " + quoted(maintainer.name); }
  std::string operator()(const Expose& expose) const { return "EXPOSE" + all(expose.ports); }
  std::string operator()(const Volume& volume) const { return "VOLUME" + all(volume.paths); }
  std::string operator()(const Healthcheck& check) const {
    if (check.none) return "HEALTHCHECK none";
    return fmt::format("HEALTHCHECK {} {} {} {} {}{}", check.interval, check.timeout, check.start_period,
                       check.start_interval, check.retries, command(check.command));
  }
};

}  // namespace

std::string dump(const File& file) {
  std::string result;
  for (const Instruction& instruction : file.list) {
    result += fmt::format("{}-{} {}\n", instruction.lines.first, instruction.lines.last,
                          std::visit(Dump{}, instruction.body));
  }
  return result;
}
