// The words of a template.
#pragma once

#include <string>
#include <string_view>

namespace crun::cli::tree {

struct Token {
  enum class Kind {
    text,      // between actions, already trimmed as its neighbours' {{- and -}} ask
    open,      // {{
    close,     // }}
    field,     // ".Name"; text is empty for "." alone
    variable,  // "$" or "$name"
    word,      // a keyword, function, true, false, nil
    string,    // its content
    number,
    symbol,  // ( ) | , := =
    end,
  } kind = Kind::end;
  std::string text;
  size_t at = 0;  // offset in the template
  bool space_before = false;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token next();
  // Throws Error{invalid} with the token's column.
  [[noreturn]] void fail(const Token& token, const std::string& text) const;

  struct Mark {
    size_t at;
    bool inside;
  };
  Mark mark() const { return {at_, inside_}; }
  void rewind(Mark mark) {
    at_ = mark.at;
    inside_ = mark.inside;
  }

 private:
  Token outside();
  Token inside();
  Token quoted(Token token, char quote);
  Token symbol(Token token);
  bool closing();
  [[noreturn]] void fail_at(size_t at, const std::string& text) const;

  std::string_view text_;
  size_t at_ = 0;
  bool inside_ = false;
  bool trim_next_ = false;  // the last action ended with -}}
};

}  // namespace crun::cli::tree
