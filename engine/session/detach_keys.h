// The keys that end a session and leave its container running: "ctrl-p,ctrl-q".
#pragma once

#include <string>
#include <string_view>

namespace crun::engine {

// docker's form, a list of single characters and ctrl-X (a-z, @, [, \, ], ^, _) -> the bytes. Throws Error{invalid}.
std::string parse_detach_keys(const std::string& text);

// Finds the keys in what is typed, however it is cut into reads.
class DetachKeys {
 public:
  explicit DetachKeys(std::string keys) : keys_(std::move(keys)) {}

  // Gives what is to be passed on: a beginning of the keys is held back until it is known not to be one. detached():
  // they were typed; what follows them is dropped.
  std::string filter(std::string_view typed);
  bool detached() const noexcept { return detached_; }

 private:
  std::string keys_;
  size_t matched_ = 0;
  bool detached_ = false;
};

}  // namespace crun::engine
