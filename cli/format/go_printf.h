// Values as Go's fmt package prints them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

namespace crun::cli {

// %s %v %q %d %x %t %f %% with flags, width and precision. A wrong or missing argument is shown as Go shows it:
// "%!d(string=x)", "%!s(MISSING)".
std::string go_printf(std::string_view format, std::span<const nlohmann::json> arguments);

}  // namespace crun::cli
