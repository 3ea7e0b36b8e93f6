// Small texts that users type: lists, NAME=value, files of variables.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crun::cli {

std::vector<std::string> split(std::string_view text, char by);

// "NAME=value"; without '=': nothing as value. Throws Error{invalid} where the name is empty.
std::pair<std::string, std::optional<std::string>> name_and_value(const std::string& text);

// "NAME=value", a missing value being "".
std::vector<std::pair<std::string, std::string>> pairs(const std::vector<std::string>& texts);

// The texts of --filter. Throws Error{invalid} for one without '='.
std::vector<std::pair<std::string, std::string>> parse_filters(const std::vector<std::string>& texts);

// All of a file that the user names, at most `limit` bytes; "-": stdin. Throws SysError, or Error{invalid} when longer.
std::string read_user_file(const std::string& path, size_t limit = 16 << 20);

// The lines of an --env-file by docker's rules: blank ones and those that begin with # are skipped, blanks before a
// name are cut, values are taken as they are, quotes too; a NAME alone stands for the caller's own variable. name: for
// the error's text.
std::vector<std::string> parse_env_file(std::string_view content, std::string_view name);

}  // namespace crun::cli
