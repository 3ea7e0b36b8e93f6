// The first step of reading a Dockerfile: lines become nodes, one an instruction, with parser directives, comments and
// continuation dealt with as docker does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "image/dockerfile/source.h"

namespace crun::dockerfile {

// One instruction's text with its continuation lines joined; each byte knows where it came from.
class Node {
 public:
  void append(std::string_view text, int line, int column);

  const std::string& text() const noexcept { return text_; }
  Position at(size_t offset) const;
  LineRange lines;

 private:
  struct Piece {
    size_t offset;
    Position start;
  };
  std::string text_;
  std::vector<Piece> pieces_;
};

struct Nodes {
  char escape = '\\';
  std::vector<Node> list;
};

// Throws Error{invalid} for a directive that is repeated or has a bad value, and for a file without instructions.
Nodes read_nodes(const Source& source);

}  // namespace crun::dockerfile
