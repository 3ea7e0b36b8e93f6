// What the filters of lists have in common (docker's `--filter name=value`).
#pragma once

#include <functional>
#include <string>

#include "crun/containers.h"

namespace crun::engine {

// wanted: "name", or "name=value".
bool has_label(const Pairs& labels, const std::string& wanted);

// Whether an object fits: of the filters with one key one must, each label must, and so for all keys.
bool fits_all(const Pairs& filters, const std::function<bool(const std::string& key, const std::string& value)>& fits);

}  // namespace crun::engine
