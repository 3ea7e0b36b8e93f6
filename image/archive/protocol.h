// What `ctr` and its helpers ctr-image-unpack and ctr-image-pack say to each other: one JSON request as argument or
// message, one bounded JSON report. Both are of one release: unknown versions and members are errors. A report comes
// from a process that read what others made, so all in it is checked again here.
//
// ctr-image-unpack REQUEST, with these descriptors:
//   0  the input: an archive, or a layer within it
//   1  the report, written once, at the end
//   3  layer, extract: the folder to unpack into; index: a file for what must be read twice
//   4  layer: the tar record, to be written
//   5… layer: the folders of the layers below, uppermost first
// Exit code 0 where a report was written, with a result or an error in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crun/error.h"
#include "image/oci/digest.h"
#include "image/oci/manifest.h"

namespace crun::archive {

inline constexpr int kInputFd = 0;
inline constexpr int kReportFd = 1;
inline constexpr int kTargetFd = 3;
inline constexpr int kRecordFd = 4;
inline constexpr int kFirstLowerFd = 5;
inline constexpr size_t kReportLimit = 64 << 20;

// Unpack one layer.
struct LayerJob {
  uint64_t offset = 0;  // of a seekable input
  uint64_t size = UINT64_MAX;
  bool seekable = true;
  bool blob_digest = false;  // hash the compressed bytes too
  bool complete = false;     // take from the layers below what it lacks
  size_t lowers = 0;
  bool two_threads = false;  // inflate in one of its own
};

struct LayerReport {
  std::optional<image::Digest> diff_id;  // not there where it is not complete and would have to be
  std::optional<image::Digest> blob_digest;
  uint64_t entries = 0;
  uint64_t bytes = 0;
  bool self_contained = true;
  std::string lacks;
};

// Find the images in an archive.
struct IndexJob {
  uint64_t offset = 0;
  bool seekable = true;
  image::Platform platform;  // of an index, this one is taken
};

struct IndexedLayer {
  std::string name;  // the archive's entry, for messages
  uint64_t offset = 0;
  uint64_t size = 0;
  image::Digest diff_id;
  image::Digest chain_id;
  std::optional<image::Digest> blob_digest;  // where the archive says one
};

struct IndexedImage {
  image::Digest id;
  std::string original_config;  // the bytes that `id` is the digest of
  std::string config;           // canonical
  std::vector<std::string> names;
  std::vector<IndexedLayer> layers;  // base first
};

struct IndexReport {
  bool spooled = false;  // the layers' offsets are those of the file at kTargetFd, else of the input
  std::vector<IndexedImage> images;
};

// Hash a text (at most the size of a configuration), read from the input to its end.
struct DigestJob {};
struct DigestReport {
  image::Digest digest;
};

// Unpack an archive that is no layer (ADD): a whole, regular file, plain or compressed, into an empty folder.
struct ExtractJob {};
struct ExtractReport {
  bool archive = false;  // false: the file is no tar, and nothing was done
};

using Job = std::variant<LayerJob, IndexJob, DigestJob, ExtractJob>;
std::string write_job(const Job& job);
Job parse_job(std::string_view text);

std::string write_report(const LayerReport& report);
std::string write_report(const IndexReport& report);
std::string write_report(const DigestReport& report);
std::string write_report(const ExtractReport& report);
// Of any job: what failed. Where it is a SysError its errno goes with it.
std::string write_failure(const Error& error);

[[noreturn]] void throw_failure_of(std::string_view report);
// Each throws what the helper failed with, or Error{internal} for a report that is none.
LayerReport parse_layer_report(std::string_view text);
IndexReport parse_index_report(std::string_view text);
DigestReport parse_digest_report(std::string_view text);
ExtractReport parse_extract_report(std::string_view text);

}  // namespace crun::archive
