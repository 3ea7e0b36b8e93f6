// What a command takes, as constant data: the one source for parsing, help and, later, completion and man pages.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace crun::cli {

enum class Takes {
  nothing,  // a switch: --rm, --rm=false
  value,    // the last one counts
  values,   // each one counts
};

struct Option {
  std::string_view name;  // typed as --name
  char letter = 0;        // typed as -n; 0: none
  Takes takes = Takes::nothing;
  std::string_view value_name;  // what stands for the value in help: "bytes", "list"; empty for a switch
  std::string_view help;        // one line; ends with the default where there is one
  bool hidden = false;          // a second spelling: parsed, not shown
};

// An option that people know from docker and that this release does not have: refused by name, never ignored.
struct RefusedOption {
  std::string_view name;
  char letter = 0;
  std::string_view reason;
};

inline constexpr size_t kAnyNumber = static_cast<size_t>(-1);

struct Grammar {
  std::string_view name;       // "run", "image ls"
  std::string_view arguments;  // "IMAGE [COMMAND] [ARG...]"
  std::string_view summary;    // one line, no full stop
  std::string_view example;    // whole command lines, one a line
  std::span<const Option> options;
  std::span<const RefusedOption> refused;
  size_t least = 0, most = kAnyNumber;   // number of arguments
  bool options_end_at_argument = false;  // what follows the first argument is not ours to parse
};

}  // namespace crun::cli
