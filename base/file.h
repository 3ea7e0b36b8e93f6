// Whole reads and writes of one open file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace crun {

// All of a regular file, at most `limit` bytes: Error{invalid} where it is longer or not a regular file (a fifo or a
// device in an image must not hang us). name: for the error's text.
std::string read_regular(int fd, size_t limit, std::string_view name);

// Reads to the end of a pipe, socket or procfs file, at most `limit` bytes (Error{invalid} beyond it).
std::string read_to_end(int fd, size_t limit, std::string_view name);

// A trusted path, as read_to_end. For /proc, /sys and our own files.
std::string read_path(const std::string& path, size_t limit = 1 << 20);

// Writes all of it, through EINTR and short writes. Throws SysError.
void write_all(int fd, std::string_view content, std::string_view name);

}  // namespace crun
