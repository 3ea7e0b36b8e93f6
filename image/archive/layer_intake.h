// Layers of an archive become layers of the store: what is there already is taken, the rest is unpacked, several at a
// time where they stand on their own.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "image/archive/helper.h"
#include "image/archive/protocol.h"
#include "image/store/store.h"

namespace crun::archive {

class LayerIntake {
 public:
  // All are borrowed.
  LayerIntake(image::Store& store, image::Work& work, const std::string& libexec);

  // The layers of one image, base first, from the seekable file `source`. Gives their ids in the store. Throws
  // Error{invalid} with the layer's entry, and the entry and offset in it.
  std::vector<image::LayerId> take(int source, const std::vector<IndexedLayer>& layers);

  // One layer from a source that can be read only once, with nothing below it.
  image::Layer take_stream(const LayerJob& job, int source);

 private:
  struct Running {
    const IndexedLayer* layer;
    image::LayerDraft draft;
    Helper helper;
  };

  Running start(int source, const IndexedLayer& layer, const std::vector<image::LayerId>& below, bool complete);
  // Nothing where it has to be unpacked again with what is below it.
  std::optional<image::Layer> finish(Running running);
  image::Layer unpack_completed(int source, const IndexedLayer& layer, const std::vector<image::LayerId>& below);

  image::Store& store_;
  image::Work& work_;
  const std::string& libexec_;
  size_t parallel_;
  bool spare_cpus_ = true;  // fewer layers at once than there are processors
};

}  // namespace crun::archive
