// The known word that a mistyped one most likely meant.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace crun::cli {

// Nothing where no word is near enough: more than a third of the letters differ.
std::optional<std::string_view> nearest(std::string_view typed, std::span<const std::string_view> known);

}  // namespace crun::cli
