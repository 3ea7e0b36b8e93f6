#include "image/dockerfile/source.h"

#include <fmt/format.h>

#include <algorithm>

namespace crun::dockerfile {
namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// What stands under the characters before the caret; a tab stays a tab, so that the caret is below its character.
std::string padding(std::string_view line, int column) {
  std::string result;
  int seen = 1;
  for (size_t i = 0; i < line.size() && seen < column; ++i) {
    if (continues_character(line[i])) continue;
    result += line[i] == '\t' ? '\t' : ' ';
    ++seen;
  }
  result.append(static_cast<size_t>(std::max(0, column - seen)), ' ');
  return result;
}

// A terminal must not be driven by what a Dockerfile holds.
std::string printable(std::string_view line) {
  std::string result(line);
  for (char& c : result) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) c = '?';
  }
  return result;
}

}  // namespace

int column_of(std::string_view line, size_t offset) {
  int column = 1;
  for (size_t i = 0; i < std::min(offset, line.size()); ++i) {
    size_t next = i + 1;
    if (next >= line.size() || !continues_character(line[next])) ++column;
  }
  return column;
}

Source::Source(std::string name, std::string_view text) : name_(std::move(name)) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines_.emplace_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

Error Source::error(Position at, std::string_view text) const {
  std::string message = fmt::format("{}:{}:{}: {}", name_, at.line, at.column, text);
  if (at.line >= 1 && at.line <= line_count()) {
    std::string number = std::to_string(at.line);
    message += fmt::format("\n {} | {}\n {} | {}^", number, printable(line(at.line)), std::string(number.size(), ' '),
                           padding(line(at.line), at.column));
  }
  return Error(ErrorKind::invalid, std::move(message));
}

std::string Source::excerpt(LineRange marked) const {
  constexpr int kAround = 2;
  int first = std::max(1, marked.first - kAround);
  int last = std::min(line_count(), marked.last + kAround);
  std::string rule(20, '-');
  std::string result = marked.first == marked.last
                           ? fmt::format("{}:{}\n{}\n", name_, marked.first, rule)
                           : fmt::format("{}:{}-{}\n{}\n", name_, marked.first, marked.last, rule);
  for (int number = first; number <= last; ++number) {
    bool here = number >= marked.first && number <= marked.last;
    std::string text = fmt::format("{:4} | {} {}", number, here ? ">>>" : "   ", printable(line(number)));
    while (text.back() == ' ') text.pop_back();
    result += text + "\n";
  }
  return result + rule + "\n";
}

}  // namespace crun::dockerfile
