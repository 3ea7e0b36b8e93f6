#include "cli/command/help.h"

#include <fmt/format.h>

#include <algorithm>

namespace crun::cli {
namespace {

std::string left_column(const Option& option) {
  std::string text = option.letter == 0 ? "      --" : fmt::format("  -{}, --", option.letter);
  text += option.name;
  if (!option.value_name.empty()) text += fmt::format(" {}", option.value_name);
  return text;
}

std::string indented(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    text += fmt::format("  {}\n", lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text;
}

}  // namespace

std::string option_lines(std::span<const Option> options) {
  size_t width = 0;
  for (const Option& option : options)
    if (!option.hidden) width = std::max(width, left_column(option).size());
  std::string text;
  for (const Option& option : options)
    if (!option.hidden) text += fmt::format("{:<{}}   {}\n", left_column(option), width, option.help);
  return text;
}

std::string usage_line(std::string_view program, const Grammar& grammar) {
  std::string text = fmt::format("Usage:  {}", program);
  if (!grammar.name.empty()) text += fmt::format(" {}", grammar.name);
  if (!grammar.options.empty()) text += " [OPTIONS]";
  if (!grammar.arguments.empty()) text += fmt::format(" {}", grammar.arguments);
  return text + "\n";
}

std::string help_text(std::string_view program, const Grammar& grammar) {
  std::string text = fmt::format("{}\n{}\n", usage_line(program, grammar), grammar.summary);
  if (!grammar.example.empty()) text += fmt::format("\nExample:\n{}", indented(grammar.example));
  if (!grammar.options.empty()) text += fmt::format("\nOptions:\n{}", option_lines(grammar.options));
  return text;
}

}  // namespace crun::cli
