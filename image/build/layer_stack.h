// The layers of a stage so far, and new ones on top of them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "image/build/executor.h"
#include "image/store/store.h"

namespace crun::build {

struct LayerStack {
  std::vector<image::LayerId> ids;      // base first
  std::vector<image::Digest> diff_ids;  // likewise

  void push(const image::LayerId& id, const image::Digest& diff_id);
};

class LayerMaker {
 public:
  // All borrowed.
  LayerMaker(image::Store& store, image::Work& work, Executor& executor)
      : store_(store), work_(work), executor_(executor) {}

  // A read-only view of the stack.
  Dir view(const LayerStack& stack);

  // Writes a layer through the root's mount. root: it, to be given up by the time this returns. upper: the folder that
  // takes the changes.
  using Write = std::function<void(Dir root, const Dir& upper)>;
  // Nothing where nothing was written. The layer is held by the work. Throws what `write` does: the draft is gone then.
  std::optional<image::Layer> make(const LayerStack& stack, const Write& write);

 private:
  std::vector<std::string> lowers(const LayerStack& stack) const;

  image::Store& store_;
  image::Work& work_;
  Executor& executor_;
};

}  // namespace crun::build
