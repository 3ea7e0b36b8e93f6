// Lists of numbers as the kernel writes cpus and memory nodes: "0-3,7".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace crun::spec {

// Beyond what any kernel is built for (NR_CPUS is at most 8192).
inline constexpr unsigned kLargestListed = 8191;

// The list as a bit mask, bit n of word n / 64 for number n; no words for an empty list.
// Throws Error{invalid} "<field>: …" for what is no such list, or for a number above kLargestListed.
std::vector<uint64_t> parse_number_list(std::string_view field, std::string_view list);

}  // namespace crun::spec
