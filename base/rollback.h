// Undo in reverse order unless dismissed: validate everything, then act, then undo.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace crun {

class Rollback {
 public:
  Rollback() = default;
  Rollback(const Rollback&) = delete;
  Rollback& operator=(const Rollback&) = delete;
  ~Rollback() {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
      // The error that brings us here is the one to tell; a second one from its undoing must not replace it.
      try {
        (*step)();
      } catch (...) {  // NOLINT(bugprone-empty-catch)
      }
    }
  }

  void add(std::function<void()> undo) { steps_.push_back(std::move(undo)); }
  void dismiss() noexcept { steps_.clear(); }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace crun
