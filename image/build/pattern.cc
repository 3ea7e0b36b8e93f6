#include "image/build/pattern.h"

#include "crun/error.h"

namespace crun::build {
namespace {

// The bytes of the code point at `at`; a byte that starts none stands for itself.
size_t length_at(std::string_view text, size_t at) {
  auto byte = static_cast<unsigned char>(text[at]);
  size_t length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
  if (at + length > text.size()) return 1;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return 1;
  }
  return length;
}

uint32_t code_at(std::string_view text, size_t at) {
  size_t length = length_at(text, at);
  auto byte = static_cast<unsigned char>(text[at]);
  if (length == 1) return byte;
  uint32_t code = byte & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  return code;
}

}  // namespace

// Reads the text into tokens, and notes which short form docker would choose.
class Pattern::Compiler {
 public:
  Compiler(std::string_view text, bool double_star) : text_(text), double_star_(double_star) {}

  Pattern run() {
    result_.text_ = text_;
    if (double_star_) result_.form_ = Form::exact;
    for (bool first = true; at_ < text_.size(); first = false) read_token(first);
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(std::string_view why) const {
    throw Error(ErrorKind::invalid, "malformed pattern '" + std::string(text_) + "': " + std::string(why));
  }

  void read_token(bool first) {
    char c = text_[at_];
    if (c == '*' && double_star_ && text_.substr(at_, 2) == "**") {
      read_double_star(first);
    } else if (c == '*') {
      ++at_;
      add(Kind::many);
    } else if (c == '?') {
      ++at_;
      add(Kind::one);
    } else if (c == '[') {
      read_class();
    } else if (c == '\\') {
      ++at_;
      if (at_ == text_.size()) refuse("a backslash at its end");
      read_literal();
      result_.form_ = Form::tokens;
    } else {
      read_literal();
    }
  }

  void read_double_star(bool first) {
    at_ += 2;
    if (at_ < text_.size() && text_[at_] == '/') ++at_;
    bool last = at_ == text_.size();
    bool plain_before = result_.form_ == Form::exact;
    result_.tokens_.push_back(Token{last ? Kind::rest : Kind::folders, "", false, {}});
    result_.form_ = last && plain_before ? Form::prefix : Form::tokens;
    if (first) result_.form_ = Form::suffix;
  }

  void add(Kind kind) {
    result_.tokens_.push_back(Token{kind, "", false, {}});
    result_.form_ = Form::tokens;
  }

  void read_literal() {
    size_t length = length_at(text_, at_);
    result_.tokens_.push_back(Token{Kind::literal, std::string(text_.substr(at_, length)), false, {}});
    at_ += length;
  }

  // One end of a range: an escape makes any character plain.
  uint32_t range_end() {
    if (at_ < text_.size() && text_[at_] == '\\') {
      ++at_;
    } else if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == ']')) {
      refuse("a '-' or ']' that is not escaped within brackets");
    }
    if (at_ >= text_.size()) refuse("a '[' that is not closed");
    uint32_t code = code_at(text_, at_);
    at_ += length_at(text_, at_);
    return code;
  }

  void read_class() {
    Token token{Kind::one_of, "", false, {}};
    ++at_;
    if (at_ < text_.size() && text_[at_] == '^') {
      token.negated = true;
      ++at_;
    }
    do {
      uint32_t low = range_end();
      uint32_t high = low;
      if (at_ < text_.size() && text_[at_] == '-') {
        ++at_;
        high = range_end();
      }
      token.ranges.emplace_back(low, high);
    } while (at_ < text_.size() && text_[at_] != ']');
    if (at_ == text_.size()) refuse("a '[' that is not closed");
    ++at_;
    result_.tokens_.push_back(std::move(token));
    result_.form_ = Form::tokens;
  }

  std::string_view text_;
  bool double_star_;
  size_t at_ = 0;
  Pattern result_;
};

Pattern Pattern::path(std::string_view text) { return Compiler(text, false).run(); }

Pattern Pattern::ignore(std::string_view text) { return Compiler(text, true).run(); }

bool Pattern::matches(std::string_view path) const {
  std::string_view text(text_);
  switch (form_) {
    case Form::exact: return path == text;
    case Form::prefix: {
      std::string_view prefix = text.substr(0, text.size() - 2);
      return path.substr(0, prefix.size()) == prefix;
    }
    case Form::suffix: {
      std::string_view suffix = text.substr(2);
      if (path.size() >= suffix.size() && path.substr(path.size() - suffix.size()) == suffix) return true;
      return suffix.front() == '/' && path == suffix.substr(1);
    }
    case Form::tokens: return match_tokens(path);
  }
  return false;
}

bool Pattern::is_one_of(const Token& token, uint32_t code) {
  bool within = false;
  for (const auto& [low, high] : token.ranges) within = within || (low <= code && code <= high);
  return within != token.negated;
}

// From each position that the tokens before this one reach, where this one can end.
Pattern::Positions Pattern::step(const Token& token, std::string_view path, const Positions& reached) {
  Positions after(path.size() + 1, false);
  bool running = false;  // a star that began at an earlier position still goes on
  for (size_t at = 0; at <= path.size(); ++at) {
    bool here = reached[at];
    bool end = at == path.size();
    switch (token.kind) {
      case Kind::literal:
        if (here && path.substr(at, token.literal.size()) == token.literal) after[at + token.literal.size()] = true;
        break;
      case Kind::one:
        if (here && !end && path[at] != '/') after[at + length_at(path, at)] = true;
        break;
      case Kind::one_of:
        if (here && !end && is_one_of(token, code_at(path, at))) after[at + length_at(path, at)] = true;
        break;
      case Kind::many:
        running = running || here;
        after[at] = running;
        running = running && (end || path[at] != '/');
        break;
      case Kind::rest:
        running = running || here;
        after[at] = running;
        break;
      case Kind::folders:  // nothing, or anything that ends in a slash
        after[at] = here || (running && path[at - 1] == '/');
        running = running || here;
        break;
    }
  }
  return after;
}

// All positions at once, token by token: no pattern makes this go back and try again.
bool Pattern::match_tokens(std::string_view path) const {
  Positions reached(path.size() + 1, false);
  reached[0] = true;
  for (const Token& token : tokens_) reached = step(token, path, reached);
  return reached[path.size()];
}

bool has_wildcard(std::string_view text) { return text.find_first_of("*?[\\") != std::string_view::npos; }

}  // namespace crun::build
