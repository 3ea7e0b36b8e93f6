// Descriptors, manifests and indexes (image-spec descriptor.md, manifest.md, image-index.md; docker's schema 2) as
// plain structs. Parsing is bounded and strict about digests and sizes; unknown members are ignored, as the spec asks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "image/oci/digest.h"

namespace crun::image {

struct Platform {
  std::string os;            // GOOS
  std::string architecture;  // GOARCH
  std::string variant;
  std::string os_version;
  friend bool operator==(const Platform&, const Platform&) = default;
};

struct Descriptor {
  std::string media_type;
  Digest digest;
  int64_t size = 0;  // bytes, never negative
  std::vector<std::string> urls;
  std::map<std::string, std::string> annotations;
  std::optional<Platform> platform;  // in an index
  std::string artifact_type;
};

struct Manifest {
  std::string media_type;  // "" where the body does not say
  Descriptor config;
  std::vector<Descriptor> layers;  // base first
  std::map<std::string, std::string> annotations;
};

struct Index {
  std::string media_type;
  std::vector<Descriptor> manifests;
  std::map<std::string, std::string> annotations;
};

inline constexpr size_t kManifestBytes = 4 << 20;  // as registries limit them
inline constexpr size_t kMaxLayers = 500;          // what one overlay mount takes

// text: one body; name: for errors; media_type: what the descriptor or the Content-Type header said, "" where unknown:
// it decides, and a body that says something else, or that could be read as both kinds (CVE-2021-41190), is refused.
// Throws Error{invalid}; Error{unsupported} for docker's schema 1.
std::variant<Manifest, Index> parse_manifest_or_index(std::string_view text, std::string_view name,
                                                      std::string_view media_type = {});
Manifest parse_manifest(std::string_view text, std::string_view name, std::string_view media_type = {});
Index parse_index(std::string_view text, std::string_view name, std::string_view media_type = {});

// One line, keys sorted: the same struct gives the same bytes.
std::string write_manifest(const Manifest& manifest);
std::string write_index(const Index& index);

// This machine's, as GOOS/GOARCH name it: linux, amd64/arm64/…
Platform host_platform();
// The entry to take for `wanted`: its os and architecture, the best variant; attestation entries are passed over.
const Descriptor* find_platform(const Index& index, const Platform& wanted);

}  // namespace crun::image
