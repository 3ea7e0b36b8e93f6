#include "cli/command/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/command/nearest.h"

namespace crun::cli {
namespace {

constexpr int kBadOption = 125;
constexpr int kBadArguments = 1;

bool parse_switch(const std::string& value, const std::string& typed) {
  constexpr std::array<std::string_view, 6> yes = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> no = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::find(yes.begin(), yes.end(), value) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), value) != no.end()) return false;
  throw UsageError(fmt::format("{}: '{}' is neither true nor false", typed, value), kBadOption);
}

std::string spelled(std::string_view name, char letter) {
  return letter == 0 ? fmt::format("--{}", name) : fmt::format("-{}/--{}", letter, name);
}

class Parser {
 public:
  Parser(const Grammar& grammar, std::span<const std::string> arguments)
      : grammar_(grammar), rest_(arguments), options_(grammar) {}

  Options run() {
    while (!rest_.empty() && !options_.help) {
      const std::string word = take();
      if (word == "--") break;
      if (word.size() > 2 && word.starts_with("--")) {
        long_option(word);
      } else if (word.size() > 1 && word[0] == '-') {
        cluster(word);
      } else {
        options_.arguments.push_back(word);
        if (grammar_.options_end_at_argument) break;
      }
    }
    options_.arguments.insert(options_.arguments.end(), rest_.begin(), rest_.end());
    if (!options_.help) check_number();
    return std::move(options_);
  }

 private:
  std::string take() {
    std::string word = rest_.front();
    rest_ = rest_.subspan(1);
    return word;
  }

  void long_option(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const auto option = std::find_if(grammar_.options.begin(), grammar_.options.end(),
                                     [&](const Option& known) { return known.name == name; });
    if (option == grammar_.options.end()) return unknown_long(name);
    if (equals != std::string::npos) return add(*option, word.substr(equals + 1), "--" + name);
    add_unattached(*option, "--" + name);
  }

  // -it, -itm512m, -m=512m: letters of switches, then at most one that takes a value.
  void cluster(const std::string& word) {
    for (size_t at = 1; at < word.size() && !options_.help; ++at) {
      const char letter = word[at];
      const std::string typed = {'-', letter};
      const auto option = std::find_if(grammar_.options.begin(), grammar_.options.end(),
                                       [&](const Option& known) { return known.letter == letter && letter != 0; });
      if (option == grammar_.options.end()) return unknown_letter(letter, word);
      const bool equals = at + 1 < word.size() && word[at + 1] == '=';
      if (equals) return add(*option, word.substr(at + 2), typed);
      if (option->takes == Takes::nothing) {
        options_.add(*option, "true");
        continue;
      }
      if (at + 1 < word.size()) return add(*option, word.substr(at + 1), typed);
      return add_unattached(*option, typed);
    }
  }

  void add_unattached(const Option& option, const std::string& typed) {
    if (option.takes == Takes::nothing) return options_.add(option, "true");
    if (rest_.empty()) throw UsageError(fmt::format("{} needs a value ({})", typed, option.value_name), kBadOption);
    options_.add(option, take());
  }

  void add(const Option& option, std::string value, const std::string& typed) {
    if (option.takes == Takes::nothing) value = parse_switch(value, typed) ? "true" : "false";
    options_.add(option, std::move(value));
  }

  void unknown_long(const std::string& name) {
    if (name == "help") {
      options_.help = true;
      return;
    }
    for (const RefusedOption& refused : grammar_.refused)
      if (refused.name == name) refuse(refused);
    std::vector<std::string_view> known;
    for (const Option& option : grammar_.options)
      if (!option.hidden) known.push_back(option.name);
    std::string text = fmt::format("unknown option --{}", name);
    if (const auto near = nearest(name, known)) text += fmt::format("; did you mean --{}?", *near);
    throw UsageError(text, kBadOption);
  }

  void unknown_letter(char letter, const std::string& word) {
    if (letter == 'h') {
      options_.help = true;
      return;
    }
    for (const RefusedOption& refused : grammar_.refused)
      if (refused.letter == letter) refuse(refused);
    // "-name" is a cluster that fails at its first unknown letter; the person meant "--name".
    const std::string name = word.substr(1, word.find('=') - 1);
    for (const Option& option : grammar_.options)
      if (option.name == name && name.size() > 1)
        throw UsageError(fmt::format("unknown option -{} in {}; did you mean --{}?", letter, word, name), kBadOption);
    throw UsageError(word.size() == 2 ? fmt::format("unknown option -{}", letter)
                                      : fmt::format("unknown option -{} in {}", letter, word),
                     kBadOption);
  }

  [[noreturn]] static void refuse(const RefusedOption& refused) {
    throw UsageError(fmt::format("{}: {} in this release", spelled(refused.name, refused.letter), refused.reason),
                     kBadOption);
  }

  void check_number() const {
    const size_t number = options_.arguments.size();
    if (number >= grammar_.least && number <= grammar_.most) return;
    const char* bound = grammar_.least == grammar_.most ? "exactly" : number < grammar_.least ? "at least" : "at most";
    const size_t wanted = number < grammar_.least ? grammar_.least : grammar_.most;
    if (wanted == 0)
      throw UsageError(fmt::format("takes no arguments, but '{}' was given", options_.arguments[0]), kBadArguments);
    throw UsageError(fmt::format("needs {} {} argument{}, {} given: {}", bound, wanted, wanted == 1 ? "" : "s",
                                 number == 0 ? "none" : std::to_string(number), grammar_.arguments),
                     kBadArguments);
  }

  const Grammar& grammar_;
  std::span<const std::string> rest_;
  Options options_;
};

}  // namespace

const Option& Options::declared(std::string_view name) const {
  for (const Option& option : grammar_->options)
    if (option.name == name) return option;
  throw Error(ErrorKind::internal, fmt::format("{} has no option --{}", grammar_->name, name));
}

const std::string* Options::find(std::string_view name) const {
  const Option& option = declared(name);
  for (auto given = given_.rbegin(); given != given_.rend(); ++given)
    if (given->first == &option) return &given->second;
  return nullptr;
}

bool Options::flag(std::string_view name, bool otherwise) const {
  const std::string* value = find(name);
  return value == nullptr ? otherwise : *value == "true";
}

std::string Options::text(std::string_view name) const {
  const std::string* value = find(name);
  return value == nullptr ? std::string() : *value;
}

std::vector<std::string> Options::all(std::string_view name) const {
  const Option& option = declared(name);
  std::vector<std::string> values;
  for (const auto& [given, value] : given_)
    if (given == &option) values.push_back(value);
  return values;
}

Options parse(const Grammar& grammar, std::span<const std::string> arguments) {
  return Parser(grammar, arguments).run();
}

}  // namespace crun::cli
