// A template as read, before any value is known.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace crun::cli::tree {

struct Pipeline;

struct Nil {};
using Literal = std::variant<Nil, bool, int64_t, double, std::string>;

// One word of a command, with the fields asked of it: `.A.B` is Dot and {A, B}; `$x.A` is a variable and {A}.
struct Operand {
  enum class Kind { dot, variable, function, literal, nested } kind = Kind::dot;
  std::string name;                  // of a variable (with its $) or a function
  Literal literal;                   // for literal
  std::shared_ptr<Pipeline> nested;  // for (…)
  std::vector<std::string> fields;
};

using Call = std::vector<Operand>;

struct Pipeline {
  std::vector<std::string> variables;  // `$i, $e :=`
  bool declares = true;                // := and not =
  std::vector<Call> calls;
};

struct Node {
  enum class Kind { text, print, branch, range, with } kind = Kind::text;
  std::string text;
  Pipeline pipeline;
  std::vector<Node> body, otherwise;
};

// Throws Error{invalid}.
std::vector<Node> parse(std::string_view text);

}  // namespace crun::cli::tree
