#include "cli/command/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

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

const Option* find_long(const Grammar& grammar, std::string_view name) {
  for (const Option& option : grammar.options)
    if (option.name == name) return &option;
  return nullptr;
}

const Option* find_letter(const Grammar& grammar, char letter) {
  for (const Option& option : grammar.options)
    if (option.letter == letter && letter != 0) return &option;
  return nullptr;
}

[[noreturn]] void refuse(const RefusedOption& refused) {
  throw UsageError(fmt::format("{}: {} in this release", spelled(refused.name, refused.letter), refused.reason),
                   kBadOption);
}

[[noreturn]] void unknown_long(const Grammar& grammar, const std::string& name) {
  for (const RefusedOption& refused : grammar.refused)
    if (refused.name == name) refuse(refused);
  std::vector<std::string_view> known;
  for (const Option& option : grammar.options)
    if (!option.hidden) known.push_back(option.name);
  std::string text = fmt::format("unknown option --{}", name);
  if (const auto near = nearest(name, known)) text += fmt::format("; did you mean --{}?", *near);
  throw UsageError(text, kBadOption);
}

// word: from its first unknown letter on. "-name" is such a cluster too; the person meant "--name".
[[noreturn]] void unknown_letter(const Grammar& grammar, const std::string& word) {
  for (const RefusedOption& refused : grammar.refused)
    if (refused.letter == word[1]) refuse(refused);
  std::string text = fmt::format("unknown option -{}", word[1]);
  if (word.size() > 2) text += fmt::format(" in {}", word);
  const std::string name = word.substr(1, word.find('=') - 1);
  if (name.size() > 1 && find_long(grammar, name) != nullptr) text += fmt::format("; did you mean --{}?", name);
  throw UsageError(text, kBadOption);
}

[[noreturn]] void unknown(const Grammar& grammar, const std::string& word) {
  if (word.starts_with("--")) unknown_long(grammar, word.substr(2, word.find('=') - 2));
  unknown_letter(grammar, word);
}

// word: the last one, since an option takes whatever comes after it for its value.
[[noreturn]] void lacks_value(const Grammar& grammar, const std::string& word) {
  const std::string typed = word.starts_with("--") ? word : std::string("-") + word.back();
  const Option* option = typed[1] == '-' ? find_long(grammar, typed.substr(2)) : find_letter(grammar, typed[1]);
  throw UsageError(fmt::format("{} needs a value ({})", typed, option == nullptr ? "" : option->value_name),
                   kBadOption);
}

void check_number(const Grammar& grammar, const std::vector<std::string>& arguments) {
  const size_t number = arguments.size();
  if (number >= grammar.least && number <= grammar.most) return;
  const char* bound = grammar.least == grammar.most ? "exactly" : number < grammar.least ? "at least" : "at most";
  const size_t wanted = number < grammar.least ? grammar.least : grammar.most;
  if (wanted == 0) throw UsageError(fmt::format("takes no arguments, but '{}' was given", arguments[0]), kBadArguments);
  throw UsageError(fmt::format("needs {} {} argument{}, {} given: {}", bound, wanted, wanted == 1 ? "" : "s",
                               number == 0 ? "none" : std::to_string(number), grammar.arguments),
                   kBadArguments);
}

// Reads words as docker does: "--memory 1g", "--memory=1g", "-m 1g", "-m1g", "-m=1g", "-itm 1g", "-it=false". What is
// wrong is said after all has been read, and only where no help was asked for.
class Parser {
 public:
  Parser(const Grammar& grammar, std::span<const std::string> words) : grammar_(grammar), words_(words) {}

  Options run() {
    while (at_ < words_.size() && take_word()) {
    }
    Options options(grammar_);
    options.help = help_;
    if (help_) return options;
    if (lacks_value_) lacks_value(grammar_, words_.back());
    if (unknown_) unknown(grammar_, *unknown_);
    for (Given& given : given_) {
      if (given.option->takes == Takes::nothing) {
        given.value = parse_switch(given.value, fmt::format("--{}", given.option->name)) ? "true" : "false";
      }
      options.add(*given.option, std::move(given.value));
    }
    options.arguments = std::move(arguments_);
    check_number(grammar_, options.arguments);
    return options;
  }

 private:
  struct Given {
    const Option* option;
    std::string value;
  };

  // False where no options come after it.
  bool take_word() {
    const std::string& word = words_[at_++];
    const bool is_option = word.size() > 1 && word[0] == '-';
    if (is_option && word != "--") {
      word[1] == '-' ? take_long(word) : take_cluster(word);
      return true;
    }
    if (!is_option) arguments_.push_back(word);
    if (!is_option && !grammar_.options_end_at_argument) return true;
    arguments_.insert(arguments_.end(), words_.begin() + static_cast<ptrdiff_t>(at_), words_.end());
    return false;
  }

  void take_long(const std::string& word) {
    const size_t equals = std::min(word.find('='), word.size());
    const Option* option = find_long(grammar_, std::string_view(word).substr(2, equals - 2));
    if (option == nullptr) {
      word == "--help" ? void(help_ = true) : note_unknown(word);
    } else if (equals < word.size()) {
      given_.push_back({option, word.substr(equals + 1)});
    } else {
      take_next(*option);
    }
  }

  void take_cluster(const std::string& word) {
    for (size_t letter = 1; letter < word.size(); ++letter) {
      const Option* option = find_letter(grammar_, word[letter]);
      if (option == nullptr && word[letter] == 'h') {
        help_ = true;
        continue;
      }
      if (option == nullptr) return note_unknown("-" + word.substr(letter));
      const bool assigned = letter + 1 < word.size() && word[letter + 1] == '=';
      const bool attached = option->takes != Takes::nothing && letter + 1 < word.size();
      if (assigned || attached) {
        given_.push_back({option, word.substr(letter + (assigned ? 2 : 1))});
        return;
      }
      take_next(*option);
    }
  }

  // Whatever the next word looks like.
  void take_next(const Option& option) {
    if (option.takes == Takes::nothing) {
      given_.push_back({&option, "true"});
    } else if (at_ < words_.size()) {
      given_.push_back({&option, words_[at_++]});
    } else {
      lacks_value_ = true;
    }
  }

  void note_unknown(const std::string& word) {
    if (!unknown_) unknown_ = word;
  }

  const Grammar& grammar_;
  std::span<const std::string> words_;
  size_t at_ = 0;
  std::vector<Given> given_;
  std::vector<std::string> arguments_;
  bool help_ = false;
  bool lacks_value_ = false;
  std::optional<std::string> unknown_;
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
