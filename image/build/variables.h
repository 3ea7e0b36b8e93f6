// The values of variables while a Dockerfile is read: build arguments, ARG and ENV.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "image/dockerfile/instruction.h"

namespace crun::build {

// --build-arg, and which of them some ARG asked for.
class BuildArguments {
 public:
  BuildArguments() = default;
  // The last one of a name counts.
  explicit BuildArguments(const std::vector<std::pair<std::string, std::string>>& list);

  std::optional<std::string> take(const std::string& name);  // marks it as used
  std::vector<std::string> unused() const;

 private:
  std::map<std::string, std::string> values_;
  std::set<std::string> used_;
};

// Variables in the order in which they were first set.
class Variables {
 public:
  void set(const std::string& name, const std::string& value);
  std::optional<std::string> find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& list() const noexcept { return list_; }

 private:
  std::vector<std::pair<std::string, std::string>> list_;
};

// Throws Error{invalid} that points at the word.
class Expander {
 public:
  // Borrowed for its life. Later scopes come first: what `environment` sets hides what `arguments` do.
  Expander(const dockerfile::Source& source, char escape, const Variables& environment, const Variables& arguments)
      : source_(source), escape_(escape), environment_(environment), arguments_(arguments) {}

  std::string word(const dockerfile::Text& text) const;
  std::vector<std::string> words(const dockerfile::Text& text) const;
  Error error(const dockerfile::Text& text, const std::string& what) const { return source_.error(text.at, what); }

 private:
  std::optional<std::string> find(std::string_view name) const;
  const dockerfile::Source& source_;
  char escape_;
  const Variables& environment_;
  const Variables& arguments_;
};

}  // namespace crun::build
