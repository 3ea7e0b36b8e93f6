#include "image/dockerfile/substitute.h"

#include "crun/error.h"
#include "image/dockerfile/words.h"

namespace crun::dockerfile {
namespace {

constexpr int kDeepest = 64;  // braces within braces

bool is_name(char c) { return is_alphanumeric(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_special(char c) { return c != '\0' && std::string_view("@*#?-$!0").find(c) != std::string_view::npos; }

[[noreturn]] void refuse(const std::string& text) { throw Error(ErrorKind::invalid, text); }

// What is read becomes one text and, beside it, words.
struct Output {
  std::string text;
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;

  // Quoted or escaped: no space in it ends a word.
  void add_quoted(std::string_view part) {
    text += part;
    word += part;
    in_word = true;
  }
  void add(std::string_view part) {
    text += part;
    for (char c : part) {
      if (is_space(c) || c == '\n') {
        end_word();
      } else {
        word += c;
        in_word = true;
      }
    }
  }
  void end_word() {
    if (in_word && !word.empty()) words.push_back(std::move(word));
    word.clear();
    in_word = false;
  }
};

class Substitution {
 public:
  Substitution(std::string_view text, char escape, const Lookup& lookup)
      : text_(text), escape_(escape), lookup_(lookup) {}

  Output run() {
    Output output;
    read_until('\0', output);
    output.end_word();
    return output;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  char next() { return at_end() ? '\0' : text_[at_++]; }

  // To the end, or to `stop` on this level of braces, which is taken.
  void read_until(char stop, Output& output) {
    while (!at_end()) {
      char c = peek();
      if (stop != '\0' && c == stop) {
        ++at_;
        return;
      }
      if (c == '$') {
        output.add(variable());
      } else if (c == '\'') {
        output.add_quoted(single_quoted());
      } else if (c == '"') {
        output.add_quoted(double_quoted());
      } else if (c == escape_) {
        ++at_;
        if (!at_end()) output.add_quoted(std::string(1, next()));
      } else {
        output.add(std::string(1, next()));
      }
    }
    if (stop != '\0') refuse("a '${' without its '}'");
  }

  std::string single_quoted() {
    size_t end = text_.find('\'', ++at_);
    if (end == std::string_view::npos) refuse("a single quote is not closed");
    std::string result(text_.substr(at_, end - at_));
    at_ = end + 1;
    return result;
  }

  // The escape stands for itself but before a double quote, a dollar sign and itself.
  std::string double_quoted() {
    std::string result;
    for (++at_; !at_end() && peek() != '"';) {
      if (peek() == '$') {
        result += variable();
        continue;
      }
      char c = next();
      if (c == escape_) {
        if (at_end()) break;
        if (peek() == '"' || peek() == '$' || peek() == escape_) c = next();
      }
      result += c;
    }
    if (at_end()) refuse("a double quote is not closed");
    ++at_;
    return result;
  }

  std::string name() {
    size_t begin = at_;
    if (is_digit(peek())) {
      while (is_digit(peek())) ++at_;
    } else if (is_special(peek())) {
      ++at_;
    } else {
      while (!at_end() && is_name(peek())) ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string variable() {
    ++at_;
    if (peek() == '{') {
      ++at_;
      if (++depth_ > kDeepest) refuse("more than " + std::to_string(kDeepest) + " braces within each other");
      std::string result = braced();
      --depth_;
      return result;
    }
    std::string name = this->name();
    if (name.empty()) return "$";
    return lookup_(name).value_or("");
  }

  std::string braced() {
    std::string name = this->name();
    if (at_end()) refuse("a '${' without its '}'");
    if (name.empty()) refuse("'${' is not followed by a variable's name");
    std::optional<std::string> value = lookup_(name);
    char form = next();
    if (form == '}') return value.value_or("");
    bool empty_counts_as_unset = form == ':';
    if (empty_counts_as_unset) form = next();
    if (form == '#' || form == '%' || form == '/') {
      refuse("${" + name + form + "…}: cutting and replacing within a variable is not supported by this release");
    }
    if (form != '-' && form != '+' && form != '?') {
      refuse("${" + name + "…}: the forms are ${x}, ${x:-word}, ${x:+word} and ${x:?text}");
    }
    Output word;
    read_until('}', word);
    bool set = value && !(empty_counts_as_unset && value->empty());
    if (form == '+') return set ? word.text : "";
    if (!set && form == '?') {
      refuse(name + ": " + (word.text.empty() ? (value ? "must not be empty" : "must be set") : word.text));
    }
    return set ? *value : word.text;
  }

  std::string_view text_;
  char escape_;
  const Lookup& lookup_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string substitute(std::string_view word, char escape, const Lookup& lookup) {
  return Substitution(word, escape, lookup).run().text;
}

std::vector<std::string> substitute_words(std::string_view text, char escape, const Lookup& lookup) {
  return Substitution(text, escape, lookup).run().words;
}

}  // namespace crun::dockerfile
