#include "cli/command/parse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
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

// The option whose value is the word after this one: "--memory", "-m", "-itm".
bool wants_next(const Grammar& grammar, const std::string& word) {
  const Option* last = nullptr;
  if (word.starts_with("--")) {
    last = find_long(grammar, word.substr(2));
  } else {
    for (size_t at = 1; at < word.size(); ++at) {
      if (last != nullptr && last->takes != Takes::nothing) return false;  // the rest of the word is its value
      last = find_letter(grammar, word[at]);
      if (last == nullptr) return false;
    }
  }
  return last != nullptr && last->takes != Takes::nothing;
}

// Where the '=' of "-m=1g" or "-it=false" stands: right behind a letter whose value it sets; 0 where it does not.
size_t cluster_equals(const Grammar& grammar, const std::string& word) {
  for (size_t at = 1; at + 1 < word.size(); ++at) {
    const Option* option = find_letter(grammar, word[at]);
    if (option == nullptr) return 0;
    if (word[at + 1] == '=') return at + 1;
    if (option->takes != Takes::nothing) return 0;
  }
  return 0;
}

// One word that begins with a dash, in the forms that CLI11 reads as docker does.
void spell_option(const Grammar& grammar, const std::string& word, std::vector<std::string>& spelled) {
  const bool is_long = word.starts_with("--");
  const size_t equals = is_long ? word.find('=') : cluster_equals(grammar, word);
  if (equals == 0 || equals == std::string::npos) {
    spelled.push_back(word);
    return;
  }
  std::string name = word.substr(2, equals - 2);
  if (!is_long) {
    name = find_letter(grammar, word[equals - 1])->name;
    if (equals > 2) spelled.push_back(word.substr(0, equals - 1));
  }
  const bool empty = equals == word.size() - 1;
  const Option* option = find_long(grammar, name);
  if (empty && option != nullptr && option->takes == Takes::nothing) parse_switch("", "--" + name);  // throws
  spelled.push_back(empty ? "--" + name : "--" + name + word.substr(equals));
  if (empty) spelled.emplace_back();
}

// CLI11 2.1 reads "--memory=" as an option whose value comes next, "-m=1g" as the value "=1g", and knows no "-i=false".
// Docker's users type all three.
std::vector<std::string> spell_out(const Grammar& grammar, std::span<const std::string> words) {
  std::vector<std::string> spelled;
  for (size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    const bool is_option = word.size() > 1 && word[0] == '-';
    if (word == "--" || (!is_option && grammar.options_end_at_argument)) {
      spelled.insert(spelled.end(), words.begin() + static_cast<ptrdiff_t>(at), words.end());
      break;
    }
    if (!is_option) {
      spelled.push_back(word);
      continue;
    }
    spell_option(grammar, word, spelled);
    if (wants_next(grammar, word) && at + 1 < words.size()) spelled.push_back(words[++at]);
  }
  return spelled;
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

// CLI11 always gives an option its value where a word is left, so what lacks one is the last word.
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

// Whether a word may name the option: where it is a value, or comes after "--", it is not, and CLI11 sees that too.
bool is_mentioned(const Option& option, const std::vector<std::string>& spelled) {
  return std::any_of(spelled.begin(), spelled.end(), [&](std::string_view word) {
    if (word.size() < 2 || word[0] != '-') return false;
    if (word[1] != '-') return option.letter != 0 && word.find(option.letter) != std::string_view::npos;
    word.remove_prefix(2);
    return word.starts_with(option.name) && (word.size() == option.name.size() || word[option.name.size()] == '=');
  });
}

// One grammar as CLI11 takes it. Only what was typed is ever made: an option costs three microseconds, and most
// commands have thirty.
class Parser {
 public:
  Parser(const Grammar& grammar, std::span<const std::string> words)
      : grammar_(grammar), words_(words), spelled_(spell_out(grammar, words)) {
    app_.set_help_flag();
    // Where -h is an option of its own, as run's host name is, help is asked for in full.
    Option help{"help"};
    help.letter = find_letter(grammar, 'h') == nullptr ? 'h' : 0;
    if (is_mentioned(help, spelled_)) help_ = app_.add_flag(help.letter == 0 ? "--help" : "-h,--help");
    app_.allow_extras();
    if (grammar.options_end_at_argument) {
      app_.prefix_command();
    } else {
      app_.add_option("arguments", arguments_);
    }
    for (const Option& option : grammar.options) {
      if (!is_mentioned(option, spelled_)) continue;
      std::string names = fmt::format("--{}", option.name);
      if (option.letter != 0) names = fmt::format("-{},{}", option.letter, names);
      CLI::Option* declared = option.takes == Takes::nothing ? app_.add_flag(names) : app_.add_option(names);
      declared->expected(option.takes == Takes::nothing ? 0 : 1)->take_all();
      declared_.emplace_back(&option, declared);
    }
  }

  Options run() {
    std::vector<std::string> reversed(spelled_.rbegin(), spelled_.rend());
    try {
      app_.parse(reversed);
    } catch (const CLI::ArgumentMismatch&) {
      if (!help_asked()) lacks_value(grammar_, words_.back());
    }
    Options options(grammar_);
    options.help = help_asked();
    if (options.help) return options;
    take_arguments(options.arguments);
    for (const auto& [option, given] : declared_) take_values(options, *option, *given);
    check_number(grammar_, options.arguments);
    return options;
  }

 private:
  bool help_asked() const { return help_ != nullptr && help_->count() > 0; }

  void take_arguments(std::vector<std::string>& arguments) const {
    std::vector<std::string> rest = app_.remaining();
    const bool marked = !rest.empty() && rest.front() == "--";
    if (marked) rest.erase(rest.begin());
    if (!marked && !rest.empty() && rest.front().size() > 1 && rest.front()[0] == '-') unknown(grammar_, rest.front());
    if (!grammar_.options_end_at_argument) rest = arguments_;
    arguments = std::move(rest);
  }

  static void take_values(Options& options, const Option& option, const CLI::Option& given) {
    for (std::string value : given.results()) {
      if (option.takes == Takes::nothing)
        value = parse_switch(value, fmt::format("--{}", option.name)) ? "true" : "false";
      options.add(option, std::move(value));
    }
  }

  const Grammar& grammar_;
  std::span<const std::string> words_;
  std::vector<std::string> spelled_;
  CLI::App app_;
  CLI::Option* help_ = nullptr;
  std::vector<std::string> arguments_;
  std::vector<std::pair<const Option*, CLI::Option*>> declared_;
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
