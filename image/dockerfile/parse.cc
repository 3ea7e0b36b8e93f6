#include "image/dockerfile/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "image/dockerfile/arguments.h"
#include "image/dockerfile/duration.h"
#include "image/dockerfile/suggestion.h"

namespace crun::dockerfile {
namespace {

Body parse_from(Arguments& arguments) {
  arguments.refuse_flag("platform", "FROM --platform");
  std::vector<Text> words = arguments.plain_words();
  if (words.size() == 1) return From{words[0], std::nullopt};
  if (words.size() != 3 || lower_case(words[1].value) != "as") {
    throw arguments.error("FROM takes an image and perhaps a name: FROM image [AS name]");
  }
  Text name{lower_case(words[2].value), words[2].at};
  bool well_formed = !name.value.empty() && name.value[0] >= 'a' && name.value[0] <= 'z';
  for (char c : name.value) well_formed = well_formed && (is_alphanumeric(c) || c == '-' || c == '_' || c == '.');
  if (!well_formed) {
    throw arguments.error(
        name.at,
        fmt::format("'{}' cannot name a stage: a letter, then letters, digits, '-', '_' and '.'", words[2].value));
  }
  return From{words[0], name};
}

Body parse_arg(Arguments& arguments) {
  Arg result;
  for (const Text& word : arguments.quoted_words()) {
    size_t equals = word.value.find('=');
    Arg::One one{Text{word.value.substr(0, equals), word.at}, std::nullopt};
    if (equals != std::string::npos) one.value = Text{word.value.substr(equals + 1), word.at};
    if (one.name.value.empty()) throw arguments.error(word.at, "ARG has no name before its '='");
    result.list.push_back(std::move(one));
  }
  if (result.list.empty()) throw arguments.error("ARG needs a name: ARG name[=default]");
  return result;
}

// ENV and LABEL: `name=value …`, or the old `name the rest`.
std::vector<Assignment> parse_assignments(Arguments& arguments) {
  std::vector<Text> words = arguments.quoted_words();
  if (words.empty()) throw arguments.error(arguments.keyword() + " needs name=value");
  std::vector<Assignment> list;
  if (words[0].value.find('=') == std::string::npos) {
    std::optional<Text> rest = arguments.after_first_word();
    if (!rest)
      throw arguments.error(
          fmt::format("{} {} has no value: write {}=value", arguments.keyword(), words[0].value, words[0].value));
    list.push_back(Assignment{words[0], *rest});
    return list;
  }
  for (const Text& word : words) {
    size_t equals = word.value.find('=');
    if (equals == std::string::npos) {
      throw arguments.error(word.at,
                            fmt::format("'{}' has no '=': each word of {} is name=value, quoted where it holds "
                                        "spaces",
                                        word.value, arguments.keyword()));
    }
    if (equals == 0) throw arguments.error(word.at, arguments.keyword() + " has no name before its '='");
    list.push_back(
        Assignment{Text{word.value.substr(0, equals), word.at}, Text{word.value.substr(equals + 1), word.at}});
  }
  return list;
}

Body parse_env(Arguments& arguments) { return Env{parse_assignments(arguments)}; }
Body parse_label(Arguments& arguments) { return Label{parse_assignments(arguments)}; }

Body parse_run(Arguments& arguments) {
  arguments.refuse_flag("mount", "RUN --mount");
  arguments.refuse_flag("network", "RUN --network");
  arguments.refuse_flag("security", "RUN --security");
  arguments.refuse_flag("device", "RUN --device");
  arguments.refuse_heredocs();
  CommandLine command = arguments.command_line();
  if (command.words.empty()) throw arguments.error("RUN needs a command");
  return Run{std::move(command)};
}

Body parse_cmd(Arguments& arguments) { return Cmd{arguments.command_line()}; }
Body parse_entrypoint(Arguments& arguments) { return Entrypoint{arguments.command_line()}; }

Body parse_shell(Arguments& arguments) {
  CommandLine line = arguments.command_line();
  if (line.shell_form || line.words.empty()) {
    throw arguments.error("SHELL takes a JSON array: SHELL [\"/bin/sh\", \"-c\"]");
  }
  return Shell{line.words};
}

Body parse_copy_or_add(Arguments& arguments, bool add) {
  constexpr std::array<const char*, 7> kLater = {"link",   "parents",      "exclude", "checksum",
                                                 "unpack", "keep-git-dir", "security"};
  for (const char* name : kLater) arguments.refuse_flag(name, arguments.keyword() + " --" + name);
  Copy copy;
  copy.add = add;
  if (!add) copy.from = arguments.flag("from");
  copy.owner = arguments.flag("chown");
  copy.mode = arguments.flag("chmod");
  arguments.refuse_heredocs();
  std::vector<Text> words = arguments.json_or_plain_words();
  if (words.size() < 2) {
    throw arguments.error(fmt::format("{} needs at least a source and a destination", arguments.keyword()));
  }
  copy.destination = words.back();
  words.pop_back();
  copy.sources = std::move(words);
  return copy;
}

Body parse_copy(Arguments& arguments) { return parse_copy_or_add(arguments, false); }
Body parse_add(Arguments& arguments) { return parse_copy_or_add(arguments, true); }

Body parse_workdir(Arguments& arguments) { return Workdir{arguments.whole("a folder")}; }
Body parse_user(Arguments& arguments) { return User{arguments.whole("a user: name, uid or uid:gid")}; }
Body parse_stop_signal(Arguments& arguments) { return StopSignal{arguments.whole("a signal")}; }
Body parse_maintainer(Arguments& arguments) { return Maintainer{arguments.whole("a name").value}; }

Body parse_expose(Arguments& arguments) {
  Expose expose{arguments.plain_words()};
  if (expose.ports.empty()) throw arguments.error("EXPOSE needs a port");
  return expose;
}

Body parse_volume(Arguments& arguments) {
  Volume volume{arguments.json_or_plain_words()};
  if (volume.paths.empty()) throw arguments.error("VOLUME needs a path");
  for (const Text& path : volume.paths) {
    if (path.value.empty()) throw arguments.error(path.at, "VOLUME's path is empty");
  }
  return volume;
}

int64_t duration_flag(Arguments& arguments, const std::string& name) {
  constexpr int64_t kLeast = 1'000'000;
  std::optional<Text> text = arguments.flag(name);
  if (!text) return 0;
  std::optional<int64_t> value = parse_duration(text->value);
  if (!value) {
    throw arguments.error(text->at, fmt::format("--{}={} is no duration: write 30s or 1m30s", name, text->value));
  }
  if (*value != 0 && *value < kLeast) throw arguments.error(text->at, fmt::format("--{} is below 1ms", name));
  return *value;
}

int retries_flag(Arguments& arguments) {
  std::optional<Text> text = arguments.flag("retries");
  if (!text) return 0;
  bool digits = !text->value.empty() && text->value.size() < 9;
  for (char c : text->value) digits = digits && c >= '0' && c <= '9';
  if (!digits) throw arguments.error(text->at, fmt::format("--retries={} is no number", text->value));
  return std::stoi(text->value);
}

Body parse_healthcheck(Arguments& arguments) {
  Healthcheck check;
  check.interval = duration_flag(arguments, "interval");
  check.timeout = duration_flag(arguments, "timeout");
  check.start_period = duration_flag(arguments, "start-period");
  check.start_interval = duration_flag(arguments, "start-interval");
  check.retries = retries_flag(arguments);
  std::vector<Text> words = arguments.plain_words();
  std::string kind = words.empty() ? "" : lower_case(words[0].value);
  if (kind == "none") {
    if (words.size() > 1) throw arguments.error(words[1].at, "HEALTHCHECK NONE takes nothing more");
    check.none = true;
  } else if (kind == "cmd") {
    arguments.skip_word();
    check.command = arguments.command_line();
  } else {
    throw arguments.error("HEALTHCHECK is either NONE or CMD with a command");
  }
  return check;
}

Body refuse_onbuild(Arguments& arguments) { throw arguments.later("ONBUILD"); }

struct Keyword {
  std::string_view name;
  Body (*parse)(Arguments&);
};

constexpr std::array<Keyword, 18> kKeywords = {{
    {"ADD", parse_add},
    {"ARG", parse_arg},
    {"CMD", parse_cmd},
    {"COPY", parse_copy},
    {"ENTRYPOINT", parse_entrypoint},
    {"ENV", parse_env},
    {"EXPOSE", parse_expose},
    {"FROM", parse_from},
    {"HEALTHCHECK", parse_healthcheck},
    {"LABEL", parse_label},
    {"MAINTAINER", parse_maintainer},
    {"ONBUILD", refuse_onbuild},
    {"RUN", parse_run},
    {"SHELL", parse_shell},
    {"STOPSIGNAL", parse_stop_signal},
    {"USER", parse_user},
    {"VOLUME", parse_volume},
    {"WORKDIR", parse_workdir},
}};

const Keyword& find_keyword(const Source& source, const Node& node, const std::string& word) {
  std::vector<std::string_view> names;
  for (const Keyword& keyword : kKeywords) {
    if (lower_case(keyword.name) == lower_case(word)) return keyword;
    names.push_back(keyword.name);
  }
  std::string upper(word);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  throw source.error(node.at(0), "unknown instruction '" + word + "'" + suggestion(upper, names));
}

Instruction parse_node(const Source& source, const Node& node, char escape) {
  const std::string& text = node.text();
  size_t end = 0;
  while (end < text.size() && !is_space(text[end])) ++end;
  const Keyword& keyword = find_keyword(source, node, text.substr(0, end));
  Arguments arguments(source, node, escape, std::string(keyword.name), end);
  Body body = keyword.parse(arguments);
  arguments.refuse_unread_flags();
  return Instruction{std::move(body), std::string(trim_right(text)), node.lines, node.at(0)};
}

}  // namespace

File parse(const Source& source) {
  Nodes nodes = read_nodes(source);
  File file;
  file.escape = nodes.escape;
  for (const Node& node : nodes.list) file.list.push_back(parse_node(source, node, nodes.escape));
  return file;
}

}  // namespace crun::dockerfile
