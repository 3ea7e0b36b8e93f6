#include "image/build/variables.h"

#include "image/dockerfile/substitute.h"

namespace crun::build {

BuildArguments::BuildArguments(const std::vector<std::pair<std::string, std::string>>& list) {
  for (const auto& [name, value] : list) values_[name] = value;
}

std::optional<std::string> BuildArguments::take(const std::string& name) {
  auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  used_.insert(name);
  return found->second;
}

std::vector<std::string> BuildArguments::unused() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : values_) {
    if (used_.count(name) == 0) names.push_back(name);
  }
  return names;
}

void Variables::set(const std::string& name, const std::string& value) {
  for (auto& [known, old_value] : list_) {
    if (known == name) {
      old_value = value;
      return;
    }
  }
  list_.emplace_back(name, value);
}

std::optional<std::string> Variables::find(std::string_view name) const {
  for (const auto& [known, value] : list_) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string> Expander::find(std::string_view name) const {
  std::optional<std::string> value = environment_.find(name);
  return value ? value : arguments_.find(name);
}

std::string Expander::word(const dockerfile::Text& text) const {
  try {
    return dockerfile::substitute(text.value, escape_, [this](std::string_view name) { return find(name); });
  } catch (const Error& error) {
    throw source_.error(text.at, error.text());
  }
}

std::vector<std::string> Expander::words(const dockerfile::Text& text) const {
  try {
    return dockerfile::substitute_words(text.value, escape_, [this](std::string_view name) { return find(name); });
  } catch (const Error& error) {
    throw source_.error(text.at, error.text());
  }
}

}  // namespace crun::build
