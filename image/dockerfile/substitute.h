// Variables, quotes and escapes in a word, as docker's reference has them: $name ${name} ${name:-word} ${name-word}
// ${name:+word} ${name+word} ${name:?text} ${name?text}.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crun::dockerfile {

// The value of a variable, or nothing where it is not set.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

// Replaces variables and takes quotes and escapes away. escape: of the escape directive.
// Throws Error{invalid}: an open quote or brace, a form that is not known, ${name:?} of what is not set.
std::string substitute(std::string_view word, char escape, const Lookup& lookup);

// As substitute(), and splits at white space that is neither quoted nor escaped: also at that in a variable's value.
std::vector<std::string> substitute_words(std::string_view text, char escape, const Lookup& lookup);

}  // namespace crun::dockerfile
