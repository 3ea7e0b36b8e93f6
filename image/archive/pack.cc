#include "image/archive/pack.h"

#include <map>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "crun/error.h"
#include "image/layer/diff.h"
#include "image/layer/digest.h"
#include "image/layer/record.h"
#include "image/layer/tar_writer.h"
#include "image/oci/manifest.h"
#include "image/oci/media_type.h"
#include "image/oci/reference.h"

namespace crun::archive {
namespace {

using image::Descriptor;
using image::Digest;

Digest digest_of(std::string_view text) { return Digest::parse(layer::sha256_digest(text)); }

std::string blob_name(const Digest& digest) { return "blobs/sha256/" + std::string(digest.hex()); }

// A layer's tar on its way into the archive: hashed, and never more than its header said.
class LayerSink : public layer::ByteSink {
 public:
  explicit LayerSink(layer::TarWriter& tar) : tar_(tar) {}
  void write(std::string_view bytes) override {
    hash_.write(bytes);
    tar_.content(bytes);
  }
  std::string digest() { return hash_.digest(); }

 private:
  layer::TarWriter& tar_;
  layer::Sha256 hash_;
};

class Pack {
 public:
  Pack(const PackJob& job, const Dir& layers, const FindRecord& find_record, layer::ByteSink& out)
      : job_(job), layers_(layers), find_record_(find_record), tar_(out) {}

  void run() {
    for (size_t i = 0; i < job_.layers.size(); ++i) sizes_.push_back(size_of(i));
    for (const PackImage& image : job_.images) describe(image);
    put_file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    put_file("index.json", image::write_index(index_));
    if (job_.format == Format::docker_archive) put_file("manifest.json", write_json(docker_));
    put_folder("blobs");
    put_folder("blobs/sha256");
    for (const auto& [digest, text] : texts_) put_file(blob_name(digest), text);
    for (size_t i = 0; i < job_.layers.size(); ++i) put_layer(i);
    tar_.finish();
  }

 private:
  uint64_t size_of(size_t number) {
    if (std::optional<Fd> record = find_record_(number)) return layer::recorded_size(record->get());
    return layer::layer_tar_size(folder_of(number));
  }

  Dir folder_of(size_t number) const { return layers_.open_dir(job_.layers[number].folder, Resolve::no_symlinks); }

  void describe(const PackImage& image) {
    if (digest_of(image.config) != image.id) {
      throw Error(ErrorKind::internal, "image " + image.id.text() + ": its stored configuration has another digest");
    }
    texts_.emplace(image.id, image.config);
    image::Manifest manifest{std::string(image::kOciManifest), config_descriptor(image), {}, {}};
    nlohmann::json layers = nlohmann::json::array();
    for (size_t number : image.layers) {
      const Digest& diff_id = job_.layers[number].diff_id;
      // Uncompressed: the layer's digest is its diff id.
      manifest.layers.push_back(descriptor(image::kOciLayer, diff_id, sizes_[number]));
      layers.push_back(blob_name(diff_id));
    }
    std::string text = image::write_manifest(manifest);
    Digest digest = digest_of(text);
    texts_.emplace(digest, text);
    nlohmann::json tags = nlohmann::json::array();
    for (const std::string& name : image.names) {
      image::Reference reference = image::Reference::parse(name);
      tags.push_back(reference.familiar());
      Descriptor named = descriptor(image::kOciManifest, digest, text.size());
      named.annotations["io.containerd.image.name"] = reference.canonical();
      // docker writes the tag alone here, podman and skopeo look a whole name up.
      bool docker = job_.format == Format::docker_archive;
      named.annotations["org.opencontainers.image.ref.name"] = docker ? reference.tag : reference.canonical();
      index_.manifests.push_back(std::move(named));
    }
    if (image.names.empty()) index_.manifests.push_back(descriptor(image::kOciManifest, digest, text.size()));
    docker_.push_back({{"Config", blob_name(image.id)},
                       {"RepoTags", image.names.empty() ? nlohmann::json(nullptr) : std::move(tags)},
                       {"Layers", std::move(layers)}});
  }

  static Descriptor descriptor(std::string_view type, const Digest& digest, uint64_t size) {
    return Descriptor{std::string(type), digest, static_cast<int64_t>(size), {}, {}, {}, {}};
  }

  static Descriptor config_descriptor(const PackImage& image) {
    return descriptor(image::kOciConfig, image.id, image.config.size());
  }

  static layer::TarEntry entry(std::string name, layer::EntryKind kind, mode_t mode) {
    layer::TarEntry result;
    result.kind = kind;
    result.path = std::move(name);
    result.mode = mode;
    return result;
  }

  void put_file(const std::string& name, std::string_view text) {
    tar_.file(entry(name, layer::EntryKind::file, 0644), text);
  }

  void put_folder(const std::string& name) { tar_.header(entry(name, layer::EntryKind::folder, 0755)); }

  void put_layer(size_t number) {
    const PackLayer& packed = job_.layers[number];
    try {
      layer::TarEntry header = entry(blob_name(packed.diff_id), layer::EntryKind::file, 0644);
      header.size = sizes_[number];
      tar_.header(header);
      LayerSink sink(tar_);
      Dir folder = folder_of(number);
      if (std::optional<Fd> record = find_record_(number)) {
        layer::reassemble_tar(record->get(), folder, sink);
      } else {
        layer::write_layer_tar(folder, sink);
      }
      std::string digest = sink.digest();
      if (digest != packed.diff_id.text()) {
        throw Error(ErrorKind::invalid, "its folder on disk was changed: it gives " + digest);
      }
    } catch (Error& error) {
      error.add_context("layer " + packed.diff_id.text());
      throw;
    }
  }

  const PackJob& job_;
  const Dir& layers_;
  const FindRecord& find_record_;
  layer::TarWriter tar_;
  std::vector<uint64_t> sizes_;
  std::map<Digest, std::string> texts_;  // sorted, so that the archive's bytes do not depend on the order of arguments
  image::Index index_{std::string(image::kOciIndex), {}, {}};
  nlohmann::json docker_ = nlohmann::json::array();
};

}  // namespace

void pack_images(const PackJob& job, const Dir& layers, const FindRecord& find_record, layer::ByteSink& out) {
  Pack(job, layers, find_record, out).run();
}

}  // namespace crun::archive
