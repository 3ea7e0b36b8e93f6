#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "cli/command/help.h"
#include "cli/command/nearest.h"
#include "cli/command/parse.h"
#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "cli/ctr/root.h"

namespace crun::cli {
namespace {

const Command* find_command(std::string_view name) {
  for (const CommandName& known : command_names())
    if (known.name == name) return known.command;
  return nullptr;
}

bool is_family(std::string_view word) {
  for (const CommandFamily& family : command_families())
    if (family.name == word) return true;
  return false;
}

[[noreturn]] void unknown_command(const std::string& name) {
  std::vector<std::string_view> known;
  for (const std::string_view absent : absent_commands())
    if (absent == name) throw UsageError(fmt::format("'{}' is not in this release", name), 1);
  for (const CommandName& command : command_names()) known.push_back(command.name);
  const auto near = nearest(name, known);
  throw UsageError(fmt::format("unknown command '{}'{}", name, near ? fmt::format("; did you mean '{}'?", *near) : ""),
                   1);
}

int fail(std::string_view command, std::string_view text, int code) {
  print_error(command, text);
  const std::string hint = fmt::format("see 'ctr{}{} --help'\n", command.empty() ? "" : " ", command);
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, hint.data(), hint.size());
  return code;
}

// name: the words that were typed, so that help and errors speak of "image ls" where that was.
int run_command(const Command& command, const std::string& name, Engine& engine, std::span<const std::string> words) {
  Grammar grammar = command.grammar;
  grammar.name = name;
  try {
    const Options options = parse(grammar, words);
    if (options.help) {
      print(help_text("ctr", grammar));
      return 0;
    }
    return command.run(engine, options);
  } catch (const UsageError& error) {
    return fail(name, error.text(), error.exit_code());
  } catch (const Error& error) {
    flush_output();
    print_error(name, error.text());
    return command.failure;
  }
}

// words: all that follows ctr's own options.
int dispatch(Engine& engine, const std::vector<std::string>& words) {
  std::string name = words[0];
  size_t used = 1;
  if (name == "help") {
    if (words.size() == 1) {
      print(root_help());
      return 0;
    }
    std::vector<std::string> asked(words.begin() + 1, words.end());
    asked.push_back("--help");
    return dispatch(engine, asked);
  }
  if (is_family(name)) {
    if (words.size() == 1 || words[1] == "--help" || words[1] == "-h") {
      print(family_help(name));
      return words.size() == 1 ? 1 : 0;
    }
    name += " " + words[1];
    used = 2;
  }
  const Command* command = find_command(name);
  if (command == nullptr) unknown_command(name);
  return run_command(*command, name, engine, std::span(words).subspan(used));
}

int run(const std::vector<std::string>& words) {
  const Options options = parse(root_grammar(), words);
  if (options.help || (options.arguments.empty() && !options.flag("version"))) {
    print(root_help());
    return options.help ? 0 : 1;
  }
  if (options.flag("version")) {
    print(fmt::format("ctr version {}\n", CTR_VERSION));
    return 0;
  }
  set_log_level(options);
  Engine engine(engine_config(options));
  return dispatch(engine, options.arguments);
}

int guarded_run(const std::vector<std::string>& words) {
  try {
    const int code = run(words);
    flush_output();
    return code;
  } catch (const UsageError& error) {
    return fail("", error.text(), error.exit_code());
  } catch (const Error& error) {
    print_error("", error.text());
  } catch (const std::bad_alloc&) {
    print_error("", "out of memory");
  } catch (const std::exception& error) {
    print_error("", fmt::format("internal error: {}", error.what()));
  }
  return 1;
}

}  // namespace
}  // namespace crun::cli

int main(int count, char** words) {
  // What is given back to the kernel is asked for again a moment later, page fault by page fault.
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_TOP_PAD, 256 << 10);
  return crun::cli::guarded_run(std::vector<std::string>(words + (count > 0 ? 1 : 0), words + count));
}
