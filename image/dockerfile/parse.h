// A Dockerfile's text becomes typed instructions.
#pragma once

#include <string_view>
#include <vector>

#include "image/dockerfile/instruction.h"

namespace crun::dockerfile {

constexpr size_t kFileLimit = 4 << 20;  // bytes; far above any that people write

struct File {
  char escape = '\\';  // escapes in words, and at a line's end continues it
  std::vector<Instruction> list;
};

// Throws Error{invalid} with the place and the line: an unknown instruction or flag, too few words, and what this
// release does not have (heredocs, ONBUILD, RUN --mount …) by its name. Order among instructions is not looked at.
File parse(const Source& source);

}  // namespace crun::dockerfile
