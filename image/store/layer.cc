#include "image/store/layer.h"

#include <fcntl.h>

namespace crun::image {

LayerDraft::LayerDraft(LayerId id, std::string path, Dir folder, Dir diff)
    : id_(std::move(id)), path_(std::move(path)), folder_(std::move(folder)), diff_(std::move(diff)) {}

Fd LayerDraft::create_record() const {
  return folder_.open_at("record", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600, Resolve::no_symlinks);
}

}  // namespace crun::image
