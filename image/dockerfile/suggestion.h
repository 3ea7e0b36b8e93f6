// "did you mean …?"
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crun::dockerfile {

// The candidate that differs from `word` by the fewest letters, as " (did you mean X?)"; empty where none is near.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace crun::dockerfile
