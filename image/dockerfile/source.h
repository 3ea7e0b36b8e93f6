// A Dockerfile's text by its lines, and errors that point into it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crun/error.h"

namespace crun::dockerfile {

// Both count from 1; a column is a character (a UTF-8 code point), as editors count.
struct Position {
  int line = 1;
  int column = 1;
};

struct LineRange {
  int first = 1;
  int last = 1;
};

class Source {
 public:
  // name: as errors call it ("Dockerfile"). A byte order mark is dropped, lines may end in CR LF.
  Source(std::string name, std::string_view text);

  const std::string& name() const noexcept { return name_; }
  int line_count() const noexcept { return static_cast<int>(lines_.size()); }
  // number: from 1 to line_count(). Without its line end.
  std::string_view line(int number) const { return lines_.at(static_cast<size_t>(number - 1)); }

  // "<name>:7:12: <text>", the line and a caret below the place.
  Error error(Position at, std::string_view text) const;
  // The lines with two around them, those of `marked` with ">>>" in front.
  std::string excerpt(LineRange marked) const;

 private:
  std::string name_;
  std::vector<std::string> lines_;
};

// The column of the byte `offset` of `line`.
int column_of(std::string_view line, size_t offset);

}  // namespace crun::dockerfile
