// The containers that an argument means: one by its id, or all whose id matches (crun's --regex).
#pragma once

#include <string>
#include <vector>

#include "cli/command/parse.h"
#include "crun/runtime.h"

namespace crun::cli {

inline constexpr Option kRegexOption{"regex", 'r', Takes::nothing, "",
                                     "ID is a regular expression: all containers that match"};

// options: with kRegexOption, and the id as first argument. Throws Error{invalid} for a bad expression.
std::vector<std::string> selected_ids(const Runtime& runtime, const Options& options);

}  // namespace crun::cli
