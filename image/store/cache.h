// What the build cache remembers of a step.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "image/store/layer.h"

namespace crun::image {

struct CacheRecord {
  std::string key;    // digest of the inputs
  std::string scope;  // what the step is the same step by, across changes of its inputs: stage and instruction's place
  std::map<std::string, std::string> inputs;  // by name, so that a miss can say which one changed
  LayerId layer;                              // "" where the step made none
  std::string result;                         // JSON of the build's own
  int64_t created = 0;                        // nanoseconds since 1970; set by put_cache
};

// What the build cache may keep.
struct CacheBounds {
  int64_t bytes = 0;         // of layers that it alone holds
  int64_t unused_since = 0;  // nanoseconds since 1970: records not used since then go, whatever their layers
};
// BuildKit's: a tenth of the disk that this folder lies on, and sixty days.
CacheBounds default_cache_bounds(const Dir& folder);

}  // namespace crun::image
