// What `ctr` asks of ctr-image-pack, which writes an archive of images. Its descriptors:
//   0  the request: one JSON object
//   1  the report: empty, or a failure (protocol.h)
//   3  the archive, to be written
//   4  a SOCK_SEQPACKET: it sends a layer's number as four bytes, and gets one byte: 1 with the layer's tar record, 0
//      for a layer that has none (its tar is the canonical one of image/layer/diff.h)
//   5  the folder that holds the layers' folders
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "image/archive/save.h"
#include "image/oci/digest.h"

namespace crun::archive {

inline constexpr int kArchiveFd = 3;
inline constexpr int kRecordsFd = 4;
inline constexpr int kLayersFd = 5;

struct PackLayer {
  std::string folder;  // its name below kLayersFd
  image::Digest diff_id;
};

struct PackImage {
  image::Digest id;
  std::string config;              // the bytes that `id` is the digest of
  std::vector<std::string> names;  // canonical, with tags
  std::vector<size_t> layers;      // base first; into PackJob::layers
};

struct PackJob {
  Format format = Format::docker_archive;
  std::vector<PackImage> images;
  std::vector<PackLayer> layers;  // each once
};

std::string write_pack_job(const PackJob& job);
PackJob parse_pack_job(std::string_view text);  // throws Error{invalid}

}  // namespace crun::archive
