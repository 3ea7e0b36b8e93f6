#include "cli/format/template_lexer.h"

#include <fmt/format.h>

#include "crun/error.h"

namespace crun::cli::tree {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kOpen = "{{", kClose = "}}";

bool is_space(char c) { return kSpace.find(c) != std::string_view::npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }

char unescape(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    default: return c;
  }
}

}  // namespace

void Lexer::fail_at(size_t at, const std::string& text) const {
  throw Error(ErrorKind::invalid, fmt::format("template: column {}: {}", at + 1, text));
}

void Lexer::fail(const Token& token, const std::string& text) const {
  fail_at(token.at, token.kind == Token::Kind::end ? text + " before the end" : text);
}

Token Lexer::next() { return inside_ ? inside() : outside(); }

// Text up to the next action, or the action's beginning where there is no text.
Token Lexer::outside() {
  Token token;
  token.at = at_;
  const size_t open = std::min(text_.find(kOpen, at_), text_.size());
  std::string_view text = text_.substr(at_, open - at_);
  if (trim_next_) text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  trim_next_ = false;
  const bool trims = open + 3 < text_.size() && text_[open + 2] == '-' && is_space(text_[open + 3]);
  if (trims) text = text.substr(0, text.find_last_not_of(kSpace) + 1);
  if (!text.empty()) {
    at_ = open;
    token.kind = Token::Kind::text;
    token.text = text;
    return token;
  }
  if (open == text_.size()) {
    at_ = open;
    return token;
  }
  token.at = open;
  at_ = open + (trims ? 3 : 2);
  inside_ = true;
  size_t after = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
  if (text_.substr(after, 2) == "/*") {
    const size_t end = text_.find("*/", after);
    if (end == std::string_view::npos) fail_at(after, "a comment has no end");
    at_ = end + 2;
    if (!closing()) fail_at(at_, "a comment stands alone between its braces");
    return outside();
  }
  token.kind = Token::Kind::open;
  return token;
}

// Eats "}}" or " -}}" where it is next.
bool Lexer::closing() {
  const size_t at = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
  trim_next_ = at > at_ && text_.substr(at, 3) == "-}}";
  if (!trim_next_ && text_.substr(at, 2) != kClose) return false;
  at_ = at + (trim_next_ ? 3 : 2);
  inside_ = false;
  return true;
}

Token Lexer::inside() {
  Token token;
  const size_t before = at_;
  token.at = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
  if (closing()) {
    token.kind = Token::Kind::close;
    token.text = kClose;
    return token;
  }
  at_ = token.at;
  if (at_ == text_.size()) fail_at(at_, "an action has no closing braces");
  token.space_before = at_ > before;
  const char c = text_[at_];
  const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  const auto take_word = [&](size_t from) {
    size_t end = from;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    at_ = end;
    return std::string(text_.substr(from, end - from));
  };
  if (c == '"' || c == '`') return quoted(token, c);
  if (c == '.' && !is_digit(after)) {
    token.kind = Token::Kind::field;
    token.text = take_word(at_ + 1);
  } else if (c == '$') {
    token.kind = Token::Kind::variable;
    token.text = "$" + take_word(at_ + 1);
  } else if (is_digit(c) || ((c == '-' || c == '+' || c == '.') && (is_digit(after) || after == '.'))) {
    token.kind = Token::Kind::number;
    const size_t end = std::min(text_.find_first_not_of("0123456789.eE+-_", at_), text_.size());
    token.text = text_.substr(at_, end - at_);
    if (token.text[0] == '+') token.text.erase(0, 1);
    at_ = end;
  } else if (is_letter(c)) {
    token.kind = Token::Kind::word;
    token.text = take_word(at_);
  } else {
    return symbol(token);
  }
  return token;
}

Token Lexer::quoted(Token token, char quote) {
  token.kind = Token::Kind::string;
  for (size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == quote) {
      at_ = i + 1;
      return token;
    }
    const bool escape = quote == '"' && text_[i] == '\\' && i + 1 < text_.size();
    token.text += escape ? unescape(text_[++i]) : text_[i];
  }
  fail_at(at_, "a string has no end");
}

Token Lexer::symbol(Token token) {
  token.kind = Token::Kind::symbol;
  for (const std::string_view known : {":=", "=", "(", ")", "|", ","})
    if (text_.substr(at_).starts_with(known)) {
      token.text = known;
      at_ += known.size();
      return token;
    }
  fail_at(at_, fmt::format("unexpected '{}'", text_[at_]));
}

}  // namespace crun::cli::tree
