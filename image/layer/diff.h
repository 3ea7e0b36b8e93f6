// A layer's folder becomes its canonical tar: the same bytes for the same tree, on any host.
//
// Order: each folder before what it holds, names by their bytes. ustar headers; a pax header only for what does not fit
// (long or non-ASCII names, large numbers, xattrs). Times in whole seconds. Whiteouts and opaque marks as the OCI
// image-spec's layer.md has them; sockets and overlay's own xattrs are left out. Two blocks of zeros at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/dir.h"
#include "image/layer/stream.h"

namespace crun::layer {

struct TarOptions {
  std::optional<int64_t> clamp;  // no time in it is later than this (SOURCE_DATE_EPOCH), in seconds since 1970
};

struct TarSummary {
  uint64_t entries = 0;
  uint64_t bytes = 0;  // of files' content
  uint64_t tar_bytes = 0;
};

// Writes the tar of `upper` to `out`. Throws SysError, Error{busy} where a file changes while it is read.
TarSummary write_layer_tar(const Dir& upper, ByteSink& out, const TarOptions& options = {});

// The size that it would have; files' contents are not read.
uint64_t layer_tar_size(const Dir& upper, const TarOptions& options = {});

// The same, only hashed: its digest is the layer's diff id.
struct LayerDigest {
  std::string diff_id;
  TarSummary summary;
};
LayerDigest layer_digest(const Dir& upper, const TarOptions& options = {});

}  // namespace crun::layer
