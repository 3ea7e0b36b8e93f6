// What is in an archive of images: docker's manifest.json, or an OCI layout's index.json. Heavy: runs in
// ctr-image-unpack. Reads headers and JSON; of layers only where they lie.
#pragma once

#include "image/archive/protocol.h"

namespace crun::archive {

// Limits of an archive around images.
inline constexpr uint64_t kArchiveEntries = 1 << 16;
inline constexpr size_t kArchiveImages = 1000;
inline constexpr uint64_t kArchiveBytes = uint64_t{256} << 30;  // inflated

// input: the archive; spool: an empty file that takes its bytes where they are compressed or cannot be read twice.
// Throws Error{invalid} with the entry and its offset.
IndexReport index_archive(int input, const IndexJob& job, int spool);

}  // namespace crun::archive
