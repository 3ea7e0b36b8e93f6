#include "image/build/ignore.h"

#include <fmt/format.h>

#include "crun/error.h"

namespace crun::build {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// As docker normalises one: cleaned, and a leading slash means the context's top, which is where all of them start.
std::string normal_form(std::string_view pattern) {
  std::string clean = clean_path(pattern);
  if (clean.size() > 1 && clean.front() == '/') clean.erase(0, 1);
  return clean;
}

}  // namespace

std::string clean_path(std::string_view path) {
  bool rooted = !path.empty() && path.front() == '/';
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    size_t slash = path.find('/');
    std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (!rooted) {
      parts.push_back(part);
    }
  }
  std::string result;
  for (std::string_view part : parts) {
    if (!result.empty() || rooted) result += '/';
    result += part;
  }
  if (result.empty()) return rooted ? "/" : ".";
  return result;
}

IgnoreRules IgnoreRules::parse(std::string_view text, std::string_view name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());
  IgnoreRules rules;
  for (int number = 1; !text.empty(); ++number) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.front() == '#') continue;
    line = trim(line);
    if (line.empty()) continue;
    bool exception = line.front() == '!';
    if (exception) line = trim(line.substr(1));
    try {
      if (line.empty()) throw Error(ErrorKind::invalid, "'!' without a pattern");
      rules.rules_.push_back(Rule{Pattern::ignore(normal_form(line)), exception});
    } catch (Error& error) {
      error.add_context(fmt::format("{}:{}", name, number));
      throw;
    }
    rules.has_exceptions_ = rules.has_exceptions_ || exception;
  }
  return rules;
}

IgnoreRules::Decision IgnoreRules::decide(std::string_view path, const Matches& parent) const {
  Decision decision;
  decision.matches.resize(rules_.size());
  for (size_t i = 0; i < rules_.size(); ++i) {
    bool matched = i < parent.size() && parent[i];
    // A rule that would change nothing is not looked at, and does not count for what is below: docker does so.
    if (!matched && rules_[i].exception != decision.ignored) continue;
    matched = matched || rules_[i].pattern.matches(path);
    decision.matches[i] = matched;
    if (matched) decision.ignored = !rules_[i].exception;
  }
  return decision;
}

bool IgnoreRules::ignores(std::string_view path) const {
  Decision decision;
  for (size_t slash = path.find('/');; slash = path.find('/', slash + 1)) {
    decision = decide(path.substr(0, slash), decision.matches);
    if (slash == std::string_view::npos) return decision.ignored;
  }
}

}  // namespace crun::build
