// The media types that an image is made of (image-spec media-types.md, and docker's image manifest v2 schema 2).
#pragma once

#include <string_view>

namespace crun::image {

inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kOciLayer = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view kOciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view kOciLayerZstd = "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr std::string_view kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view kDockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
inline constexpr std::string_view kDockerLayerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";

enum class Compression { none, gzip, zstd };

bool is_manifest(std::string_view media_type);
bool is_index(std::string_view media_type);
bool is_config(std::string_view media_type);
// The non-distributable ("foreign") forms too.
bool is_layer(std::string_view media_type);
// Throws Error{unsupported} for what is no layer. What the bytes are still decides: some tools label gzip as plain.
Compression layer_compression(std::string_view media_type);

}  // namespace crun::image
