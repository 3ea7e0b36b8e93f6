#include "image/dockerfile/words.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "crun/error.h"

namespace crun::dockerfile {
namespace {

// Walks the text once; what a word is made of is the caller's choice.
class QuotedSplitter {
 public:
  QuotedSplitter(std::string_view text, size_t from, char escape) : text_(text), at_(from), escape_(escape) {}

  std::vector<Word> split() {
    for (at_ = skip_space(text_, at_); at_ < text_.size(); at_ = skip_space(text_, at_)) read_word();
    return std::move(words_);
  }

 private:
  void read_word() {
    Word word{"", at_};
    char quote = 0;
    bool any_quote = false;
    for (; at_ < text_.size() && (quote != 0 || !is_space(text_[at_])); ++at_) {
      char c = text_[at_];
      if (c == escape_ && quote != '\'') {
        if (at_ + 1 == text_.size()) continue;  // an escape with nothing after it is dropped
        word.text += c;
        word.text += text_[++at_];
        continue;
      }
      if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
        any_quote = true;
      } else if (c == quote) {
        quote = 0;
      }
      word.text += c;
    }
    if (any_quote || !word.text.empty()) words_.push_back(std::move(word));
  }

  std::string_view text_;
  size_t at_;
  char escape_;
  std::vector<Word> words_;
};

// One flag; the backslash escapes here whatever the escape directive says.
Word read_flag(std::string_view text, size_t& at) {
  Word word{"", at};
  char quote = 0;
  for (; at < text.size() && (quote != 0 || !is_space(text[at])); ++at) {
    char c = text[at];
    if (c == '\\') {
      if (at + 1 == text.size()) continue;
      word.text += text[++at];
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else {
      word.text += c;
    }
  }
  return word;
}

}  // namespace

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r'; }

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

size_t skip_space(std::string_view text, size_t from) {
  while (from < text.size() && is_space(text[from])) ++from;
  return from;
}

std::string_view trim_right(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<Word> split_quoted(std::string_view text, size_t from, char escape) {
  return QuotedSplitter(text, from, escape).split();
}

std::vector<Word> split_plain(std::string_view text, size_t from) {
  std::vector<Word> words;
  for (size_t at = skip_space(text, from); at < text.size(); at = skip_space(text, at)) {
    size_t end = at;
    while (end < text.size() && !is_space(text[end])) ++end;
    words.push_back(Word{std::string(text.substr(at, end - at)), at});
    at = end;
  }
  return words;
}

Flags split_flags(std::string_view text, size_t from) {
  Flags flags;
  for (flags.rest = skip_space(text, from); text.substr(flags.rest, 2) == "--";
       flags.rest = skip_space(text, flags.rest)) {
    Word flag = read_flag(text, flags.rest);
    if (flag.text == "--") {
      flags.rest = skip_space(text, flags.rest);
      break;
    }
    flags.list.push_back(std::move(flag));
  }
  return flags;
}

JsonWords split_json(std::string_view text) {
  size_t begin = skip_space(text, 0);
  if (begin == text.size() || text[begin] != '[') return {};
  nlohmann::json value;
  try {
    value = parse_json(text.substr(begin), "array");
  } catch (const Error&) {
    return {};
  }
  JsonWords words;
  words.is_array = value.is_array();
  for (const nlohmann::json& element : value) {
    if (!element.is_string()) {
      words.strings_alone = false;
      return words;
    }
    words.list.push_back(element.get<std::string>());
  }
  return words;
}

}  // namespace crun::dockerfile
