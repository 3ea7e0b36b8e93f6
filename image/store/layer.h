// Layers of the store: a folder each, found by digest, taken by overlay as lower folders.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/dir.h"
#include "image/oci/digest.h"

namespace crun::image {

// The layer's folder name below layers/: seven characters, so that 500 of them fit into the one page that mount(2)
// takes as options. Also its key in the database.
using LayerId = std::string;

// What the maker of a layer says of it.
struct LayerInfo {
  Digest diff_id;
  // Set where the layer needed its parent to be complete (an entry whose parent folder it lacks, a hardlink to outside
  // itself): it then stands for this chain alone.
  std::optional<Digest> chain_id;
  int64_t bytes = 0;   // content of regular files
  int64_t inodes = 0;  // entries
};

struct Layer {
  LayerId id;
  LayerInfo info;
  int64_t created = 0;  // nanoseconds since 1970
};

// A layer in the making: drafts/<work>/<id>/, on the layers' filesystem, gone with its Work unless committed.
class LayerDraft {
 public:
  LayerDraft(LayerDraft&&) noexcept = default;
  LayerDraft& operator=(LayerDraft&&) noexcept = default;

  const LayerId& id() const { return id_; }
  // The future lower folder, empty and 0755 at first. It may serve as an overlay's upper folder; then the overlay must
  // be unmounted before the commit.
  const Dir& diff() const { return diff_; }
  // For whatever else the maker needs (an overlay's work folder), under any name but "diff" and "record"; removed at
  // the commit.
  const Dir& scratch() const { return folder_; }
  // Where diff and scratch lie, for mounts that take paths: absolute.
  const std::string& path() const { return path_; }  // the scratch folder
  std::string diff_path() const { return path_ + "/diff"; }
  // The layer's tar record, to be written (O_WRONLY, 0600). Once a draft.
  Fd create_record() const;

 private:
  friend class Work;
  LayerDraft(LayerId id, std::string path, Dir folder, Dir diff);
  LayerId id_;
  std::string path_;
  Dir folder_;
  Dir diff_;
};

}  // namespace crun::image
