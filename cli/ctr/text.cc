#include "cli/ctr/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "crun/error.h"
#include "crun/fd.h"

namespace crun::cli {

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t end = text.find(by);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::pair<std::string, std::optional<std::string>> name_and_value(const std::string& text) {
  const size_t equals = text.find('=');
  if (text.empty() || equals == 0)
    throw Error(ErrorKind::invalid, fmt::format("'{}' has no name before the '='", text));
  if (equals == std::string::npos) return {text, std::nullopt};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<std::pair<std::string, std::string>> pairs(const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const std::string& text : texts) {
    auto [name, value] = name_and_value(text);
    result.emplace_back(std::move(name), value.value_or(""));
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> parse_filters(const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const std::string& text : texts) {
    auto [name, value] = name_and_value(text);
    if (!value) throw Error(ErrorKind::invalid, fmt::format("--filter: '{}' is not name=value", text));
    result.emplace_back(std::move(name), std::move(*value));
  }
  return result;
}

std::string read_user_file(const std::string& path, size_t limit) {
  Fd owned;
  int fd = STDIN_FILENO;
  if (path != "-") {
    owned = Fd(checked(open(path.c_str(), O_RDONLY | O_CLOEXEC), "opening " + path));
    fd = owned.get();
  }
  std::string content;
  for (;;) {
    const size_t size = content.size();
    constexpr size_t kChunk = 64 << 10;
    content.resize(size + kChunk);
    const ssize_t got = read(fd, content.data() + size, kChunk);
    if (got < 0 && errno != EINTR) throw SysError(errno, "reading " + path);
    content.resize(size + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return content;
    if (content.size() > limit) throw Error(ErrorKind::invalid, fmt::format("{} is longer than {} bytes", path, limit));
  }
}

std::vector<std::string> parse_env_file(std::string_view content, std::string_view name) {
  constexpr std::string_view kBlank = " \t\v\f";
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (content.starts_with(kByteOrderMark)) content.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> variables;
  size_t number = 0;
  for (std::string line : split(content, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    line.erase(0, line.find_first_not_of(kBlank));
    if (line.empty() || line[0] == '#') continue;
    const std::string variable = line.substr(0, line.find('='));
    if (variable.empty())
      throw Error(ErrorKind::invalid, fmt::format("{}: line {}: no name before the '='", name, number));
    if (variable.find_first_of(kBlank) != std::string::npos)
      throw Error(ErrorKind::invalid, fmt::format("{}: line {}: the name '{}' holds a blank", name, number, variable));
    if (line.find('\0') != std::string::npos)
      throw Error(ErrorKind::invalid, fmt::format("{}: line {}: a zero byte", name, number));
    variables.push_back(std::move(line));
  }
  return variables;
}

}  // namespace crun::cli
