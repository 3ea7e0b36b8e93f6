// Whole files, users and points in time, as the commands need them: this folder stands on the public headers alone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace crun::cli {

// All of a file, at most 4 MiB. Throws SysError; Error{invalid} for a longer one.
std::string read_file(const std::string& path);
std::string read_standard_input();

// All of it, through short writes. Throws SysError. name: for the error's text.
void write_file(int fd, std::string_view content, std::string_view name);

// Of this machine's /etc/passwd; the number where that has no name for it.
std::string user_name(uid_t uid);

// "2026-11-20T07:11:57.000000001Z".
std::string timestamp(int64_t unix_nanoseconds);
int64_t now();  // nanoseconds since 1970, UTC

}  // namespace crun::cli
