#include "image/oci/media_type.h"

#include <string>

#include "crun/error.h"

namespace crun::image {
namespace {

struct LayerType {
  std::string_view name;
  Compression compression;
};
constexpr LayerType kLayerTypes[] = {
    {kOciLayer, Compression::none},
    {kOciLayerGzip, Compression::gzip},
    {kOciLayerZstd, Compression::zstd},
    {kDockerLayer, Compression::none},
    {kDockerLayerGzip, Compression::gzip},
    {"application/vnd.docker.image.rootfs.diff.tar.zstd", Compression::zstd},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar", Compression::none},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", Compression::gzip},
    {"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", Compression::zstd},
    {"application/vnd.docker.image.rootfs.foreign.diff.tar", Compression::none},
    {"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Compression::gzip},
};

const LayerType* find_layer_type(std::string_view media_type) {
  for (const LayerType& type : kLayerTypes) {
    if (type.name == media_type) return &type;
  }
  return nullptr;
}

}  // namespace

bool is_manifest(std::string_view media_type) { return media_type == kOciManifest || media_type == kDockerManifest; }
bool is_index(std::string_view media_type) { return media_type == kOciIndex || media_type == kDockerIndex; }
bool is_config(std::string_view media_type) { return media_type == kOciConfig || media_type == kDockerConfig; }
bool is_layer(std::string_view media_type) { return find_layer_type(media_type) != nullptr; }

Compression layer_compression(std::string_view media_type) {
  const LayerType* type = find_layer_type(media_type);
  if (type == nullptr) {
    throw Error(ErrorKind::unsupported, "media type '" + std::string(media_type.substr(0, 100)) + "' is no layer's");
  }
  return type->compression;
}

}  // namespace crun::image
