// The functions that a template may call.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crun::cli {

using TemplateFunction = nlohmann::json (*)(std::span<const nlohmann::json> arguments);

// nullptr where there is none of that name.
TemplateFunction find_template_function(std::string_view name);
std::vector<std::string_view> template_function_names();

// A value as Go's fmt prints it with %v: "[a b]", "map[k:v]", "<no value>" for null.
std::string go_text(const nlohmann::json& value);

// False for null, false, 0, "" and what is empty.
bool go_truth(const nlohmann::json& value);

}  // namespace crun::cli
