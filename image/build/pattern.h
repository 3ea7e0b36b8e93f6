// File name patterns: those of COPY and ADD (Go's filepath.Match) and those of .dockerignore, which know `**` too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crun::build {

class Pattern {
 public:
  // `*`, `?`, `[a-z]`, `[^a]`, `\x`. Throws Error{invalid} for one that is malformed.
  static Pattern path(std::string_view text);
  // The same with `**`, and with the oddities that docker's matcher has where it takes a short way: a pattern that is
  // `**` and then plain text is a suffix, one that is plain text and then `**` a prefix.
  static Pattern ignore(std::string_view text);

  // In time proportional to both lengths, whatever the pattern.
  bool matches(std::string_view path) const;
  const std::string& text() const noexcept { return text_; }

 private:
  enum class Form { exact, prefix, suffix, tokens };
  enum class Kind { literal, one, many, folders, rest, one_of };
  struct Token {
    Kind kind;
    std::string literal;  // one code point
    bool negated = false;
    std::vector<std::pair<uint32_t, uint32_t>> ranges;
  };
  class Compiler;

  // Which positions of a path some tokens can reach.
  using Positions = std::vector<bool>;
  static Positions step(const Token& token, std::string_view path, const Positions& reached);
  static bool is_one_of(const Token& token, uint32_t code);
  bool match_tokens(std::string_view path) const;

  std::string text_;
  Form form_ = Form::tokens;
  std::vector<Token> tokens_;
};

// Whether a word holds anything that Pattern::path would not take literally.
bool has_wildcard(std::string_view text);

}  // namespace crun::build
