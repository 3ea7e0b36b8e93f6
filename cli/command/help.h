// A command's help, made from its Grammar.
#pragma once

#include <string>

#include "cli/command/grammar.h"

namespace crun::cli {

// program: "ctr". Ends with a newline.
std::string help_text(std::string_view program, const Grammar& grammar);

// The lines of an option table, aligned; without hidden ones.
std::string option_lines(std::span<const Option> options);

// "Usage:  ctr run [OPTIONS] IMAGE …"
std::string usage_line(std::string_view program, const Grammar& grammar);

}  // namespace crun::cli
