// JSON from others, bounded: nlohmann's parser recurses, so depth is checked before it sees the text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace crun {

struct JsonLimits {
  size_t bytes = 4 << 20;
  size_t depth = 64;
};

// Throws Error{invalid}: "<name>: line L, column C: …". Duplicate keys: the last one counts, as in Go's decoder.
nlohmann::json parse_json(std::string_view text, std::string_view name, const JsonLimits& limits = {});

// One line, keys sorted, bytes that are not UTF-8 replaced: the canonical form of all that we write.
std::string write_json(const nlohmann::json& value);

}  // namespace crun
