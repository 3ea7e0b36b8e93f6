#include "engine/filters.h"

#include <algorithm>

namespace crun::engine {

bool has_label(const Pairs& labels, const std::string& wanted) {
  size_t equals = wanted.find('=');
  std::string key = wanted.substr(0, equals);
  return std::any_of(labels.begin(), labels.end(), [&](const auto& label) {
    return label.first == key && (equals == std::string::npos || label.second == wanted.substr(equals + 1));
  });
}

bool fits_all(const Pairs& filters, const std::function<bool(const std::string& key, const std::string& value)>& fits) {
  for (const auto& [key, unused] : filters) {
    bool any = false;
    bool every = true;
    for (const auto& [other, value] : filters) {
      if (other != key) continue;
      bool fit = fits(key, value);
      any = any || fit;
      every = every && fit;
    }
    if (key == "label" ? !every : !any) return false;
  }
  return true;
}

}  // namespace crun::engine
