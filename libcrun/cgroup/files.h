// Reading and writing the small files of one cgroup. A cgroupfs holds no symlinks; a path that meets one is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/dir.h"

namespace crun::cgroup {

// Nothing where the file is not there, or cannot be read for what the cgroup is (EOPNOTSUPP).
std::optional<std::string> find_content(const Dir& cgroup, const char* file);
// In one write(2). Gives 0 or the errno.
int write_value(const Dir& cgroup, const std::string& file, std::string_view value);

// "max" and what is no number give nothing.
std::optional<uint64_t> number_in(std::string_view text);
// The value after `key` in lines of "key value".
std::optional<uint64_t> value_of(std::string_view text, std::string_view key);
std::vector<std::string_view> words_in(std::string_view text);

// Waits until the line "key value" of cgroup.events is there; the kernel tells of changes by POLLPRI. False when
// `milliseconds` are over. A cgroup that is gone has its events fulfilled.
bool wait_for_event(const Dir& cgroup, std::string_view key, uint64_t value, int64_t milliseconds);

}  // namespace crun::cgroup
