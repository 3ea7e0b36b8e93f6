#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "cli/format/template_lexer.h"
#include "cli/format/template_tree.h"

namespace crun::cli::tree {
namespace {

using Kind = Token::Kind;

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) { advance(); }

  std::vector<Node> run() {
    std::vector<Node> nodes = list();
    if (token_.kind != Kind::end) fail("'{{" + token_.text + "}}' without its beginning");
    return nodes;
  }

 private:
  void advance() { token_ = lexer_.next(); }
  [[noreturn]] void fail(const std::string& text) const { lexer_.fail(token_, text); }

  bool is_word(std::string_view word) const { return token_.kind == Kind::word && token_.text == word; }
  bool is_symbol(std::string_view symbol) const { return token_.kind == Kind::symbol && token_.text == symbol; }
  void expect_close() {
    if (token_.kind != Kind::close) fail(fmt::format("unexpected '{}'", token_.text));
    advance();
  }

  // Up to the end, {{end}} or {{else}}: the current token is then the end or that word.
  std::vector<Node> list() {
    // The lexer never runs out of input inside, so only nesting can grow: bound it.
    if (++depth_ > kMaxDepth) fail("nested too deeply");
    std::vector<Node> nodes;
    while (token_.kind != Kind::end) {
      if (token_.kind == Kind::text) {
        nodes.push_back({.kind = Node::Kind::text, .text = token_.text, .pipeline = {}, .body = {}, .otherwise = {}});
        advance();
        continue;
      }
      advance();  // the opening braces
      if (is_word("end") || is_word("else")) break;
      nodes.push_back(action());
    }
    --depth_;
    return nodes;
  }

  Node action() {
    Node node;
    if (is_word("if")) {
      node.kind = Node::Kind::branch;
    } else if (is_word("range")) {
      node.kind = Node::Kind::range;
    } else if (is_word("with")) {
      node.kind = Node::Kind::with;
    } else {
      for (const char* unknown : {"define", "template", "block", "break", "continue"})
        if (is_word(unknown)) fail(fmt::format("'{}' is not supported", unknown));
      node.kind = Node::Kind::print;
      node.pipeline = pipeline();
      expect_close();
      return node;
    }
    advance();
    node.pipeline = pipeline();
    expect_close();
    block(node);
    return node;
  }

  void block(Node& node) {
    node.body = list();
    if (is_word("else")) {
      advance();
      if (is_word("if") || is_word("with")) {
        // {{else if}} shares the outer {{end}}.
        node.otherwise.push_back(action());
        return;
      }
      expect_close();
      node.otherwise = list();
    }
    if (!is_word("end")) fail("a block has no {{end}}");
    advance();
    expect_close();
  }

  Pipeline pipeline() {
    if (++depth_ > kMaxDepth) fail("nested too deeply");
    Pipeline result;
    if (token_.kind == Kind::variable) declaration(result);
    for (;;) {
      result.calls.push_back(call());
      if (!is_symbol("|")) break;
      advance();
    }
    --depth_;
    return result;
  }

  // `$x :=` and `$i, $e :=`; a plain use of a variable is left for call().
  void declaration(Pipeline& result) {
    const Lexer::Mark mark = lexer_.mark();
    const Token first = token_;
    std::vector<std::string> names;
    while (token_.kind == Kind::variable) {
      names.push_back(token_.text);
      advance();
      if (!is_symbol(",")) break;
      advance();
    }
    if (is_symbol(":=") || is_symbol("=")) {
      result.variables = names;
      result.declares = token_.text == ":=";
      advance();
      return;
    }
    lexer_.rewind(mark);
    token_ = first;
  }

  Call call() {
    Call words;
    while (const std::optional<Operand> word = operand()) words.push_back(*word);
    if (words.empty())
      fail(token_.kind == Kind::close ? "a value is missing" : fmt::format("unexpected '{}'", token_.text));
    return words;
  }

  std::optional<Operand> operand() {
    Operand word;
    switch (token_.kind) {
      case Kind::field: word.kind = Operand::Kind::dot; break;
      case Kind::variable:
        word.kind = Operand::Kind::variable;
        word.name = token_.text;
        advance();
        break;
      case Kind::string:
        word.kind = Operand::Kind::literal;
        word.literal = token_.text;
        advance();
        return word;
      case Kind::number:
        word.kind = Operand::Kind::literal;
        word.literal = number();
        advance();
        return word;
      case Kind::word: name(word); return word;
      case Kind::symbol:
        if (token_.text != "(") return std::nullopt;
        advance();
        word.kind = Operand::Kind::nested;
        word.nested = std::make_shared<Pipeline>(pipeline());
        if (!is_symbol(")")) fail("a ')' is missing");
        advance();
        break;
      default: return std::nullopt;
    }
    fields(word);
    return word;
  }

  // `.` alone and `.A`: what follows without a space belongs to the same word.
  void fields(Operand& word) {
    bool first = word.kind == Operand::Kind::dot;
    while (token_.kind == Kind::field && (first || !token_.space_before)) {
      if (!token_.text.empty()) word.fields.push_back(token_.text);
      first = false;
      advance();
    }
  }

  void name(Operand& word) {
    word.kind = Operand::Kind::literal;
    if (token_.text == "true" || token_.text == "false") {
      word.literal = token_.text == "true";
    } else if (token_.text == "nil") {
      word.literal = Nil{};
    } else {
      word.kind = Operand::Kind::function;
      word.name = token_.text;
    }
    advance();
  }

  Literal number() const {
    const char* begin = token_.text.data();
    const char* end = begin + token_.text.size();
    int64_t whole = 0;
    if (const auto [at, error] = std::from_chars(begin, end, whole); error == std::errc() && at == end) return whole;
    double real = 0;
    if (const auto [at, error] = std::from_chars(begin, end, real); error == std::errc() && at == end) return real;
    fail(fmt::format("'{}' is not a number", token_.text));
  }

  static constexpr int kMaxDepth = 100;
  Lexer lexer_;
  Token token_;
  int depth_ = 0;
};

}  // namespace

std::vector<Node> parse(std::string_view text) { return Parser(text).run(); }

}  // namespace crun::cli::tree
