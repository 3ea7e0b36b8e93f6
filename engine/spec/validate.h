// What a user asked for, checked before anything is made.
#pragma once

#include "crun/containers.h"
#include "engine/spec/generate.h"

namespace crun::engine {

// Throws Error{invalid} naming the option and its value, Error{not_found} for a bind's missing source.
// Looks at the host's files for the sources of binds alone.
void validate(const ContainerRequest& request, const HostFacts& host);

// [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 255 bytes. Throws Error{invalid}.
void validate_name(const std::string& name);

// "SIGTERM", "TERM", "term", "15", "RTMIN+3" -> its number. Throws Error{invalid}.
int parse_signal(const std::string& text);

}  // namespace crun::engine
