// Writes an archive of images: an OCI layout (image-spec image-layout.md), and docker's manifest.json beside it where
// that is asked for. Heavy: runs in ctr-image-pack.
#pragma once

#include <functional>
#include <optional>

#include "base/dir.h"
#include "image/archive/pack_job.h"
#include "image/layer/stream.h"

namespace crun::archive {

// The tar record of a layer of the job, by its number; nothing where it has none.
using FindRecord = std::function<std::optional<Fd>(size_t layer)>;

// layers: the folder that holds the layers' folders. Each layer is written once, uncompressed, and hashed on its way.
// Throws Error{invalid} where its bytes are not those that its diff id stands for.
void pack_images(const PackJob& job, const Dir& layers, const FindRecord& find_record, layer::ByteSink& out);

}  // namespace crun::archive
