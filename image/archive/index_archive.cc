#include "image/archive/index_archive.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "image/archive/entry_table.h"
#include "image/layer/digest.h"
#include "image/layer/stream.h"
#include "image/layer/tar_reader.h"
#include "image/oci/config.h"
#include "image/oci/media_type.h"
#include "image/oci/members.h"
#include "image/oci/reference.h"

namespace crun::archive {
namespace {

using image::Descriptor;
using image::Digest;
using layer::printable;

constexpr int kIndexDepth = 4;
constexpr uint64_t kSpoolRatio = 1100;  // above what deflate can do; a layer's own limit is stricter

Error refused(const std::string& what) { return Error(ErrorKind::invalid, what); }

Digest digest_of(std::string_view text) { return Digest::parse(layer::sha256_digest(text)); }

void spool_all(layer::ByteSource& source, int spool) {
  layer::FdSink sink(spool);
  uint64_t size = 0;
  for (std::string_view bytes = source.next(); !bytes.empty(); bytes = source.next()) {
    size += bytes.size();
    if (size > kArchiveBytes) throw refused("it inflates to more than " + std::to_string(kArchiveBytes) + " bytes");
    if (size > (uint64_t{1} << 30) && size / kSpoolRatio > source.consumed()) {
      throw refused("it inflates to more than " + std::to_string(kSpoolRatio) + " times its size: refused");
    }
    sink.write(bytes);
  }
}

class Indexing {
 public:
  Indexing(const EntryTable& table, const image::Platform& platform) : table_(table), platform_(platform) {}

  std::vector<IndexedImage> run() {
    // docker 25 and later, and we, write both: they say the same.
    if (const ArchiveEntry* manifest = table_.find("manifest.json")) {
      docker_archive(table_.read(*manifest, image::kManifestBytes));
    } else if (const ArchiveEntry* index = table_.find("index.json")) {
      check_layout();
      oci_index(image::parse_index(table_.read(*index, image::kManifestBytes), "index.json"), 0, {});
    } else {
      throw refused("it holds no images: neither manifest.json (docker save) nor index.json (OCI layout) is in it");
    }
    if (images_.empty()) throw refused("it holds no image for " + platform_.os + "/" + platform_.architecture);
    return std::move(images_);
  }

 private:
  void docker_archive(const std::string& text) {
    nlohmann::json list = parse_json(text, "manifest.json");
    if (!list.is_array() || list.empty()) throw refused("manifest.json: not a list of images");
    if (list.size() > kArchiveImages)
      throw refused("manifest.json: more than " + std::to_string(kArchiveImages) + " images");
    for (size_t i = 0; i < list.size(); ++i) {
      image::Members image(list[i], "manifest.json", "[" + std::to_string(i) + "]");
      std::string config_name = image.text("Config");
      const ArchiveEntry& config = table_.get(config_name, "manifest.json");
      std::vector<const ArchiveEntry*> layers;
      for (const std::string& name : image.texts("Layers").value_or(std::vector<std::string>())) {
        layers.push_back(&table_.get(name, "manifest.json"));
      }
      IndexedImage& added = add_image(config, layers, {});
      check_blob_name(config.name, added.id);
      for (const std::string& name : image.texts("RepoTags").value_or(std::vector<std::string>())) {
        add_name(added, name, "manifest.json");
      }
    }
  }

  // Blobs are named by their digests: one that lies about it is damaged, or worse.
  static void check_blob_name(const std::string& name, const Digest& digest) {
    constexpr std::string_view kBlobs = "blobs/sha256/";
    if (name.compare(0, kBlobs.size(), kBlobs) == 0 && name.substr(kBlobs.size()) != digest.hex()) {
      throw refused("entry " + printable(name) + " has another digest than its name says: " + digest.text());
    }
  }

  void check_layout() const {
    const ArchiveEntry* layout = table_.find("oci-layout");
    if (layout == nullptr) throw refused("index.json without oci-layout: not an OCI layout");
    nlohmann::json value = parse_json(table_.read(*layout, 4096), "oci-layout");
    std::string version = image::Members(value, "oci-layout").text("imageLayoutVersion");
    if (version.compare(0, 2, "1.") != 0) {
      throw Error(ErrorKind::unsupported, "oci-layout: version " + printable(version) + " is not known");
    }
  }

  void oci_index(const image::Index& index, int depth, const std::vector<std::string>& outer_names) {
    if (depth == kIndexDepth) throw refused("indexes nested deeper than " + std::to_string(kIndexDepth));
    for (const Descriptor& entry : index.manifests) {
      std::vector<std::string> names = outer_names;
      take_names(entry, names);
      oci_entry(entry, depth, names);
    }
  }

  void oci_entry(const Descriptor& entry, int depth, const std::vector<std::string>& names) {
    // Attestations and the like stand beside images in one index.
    if (!image::is_index(entry.media_type) && !image::is_manifest(entry.media_type)) return;
    if (entry.platform && !runs_here(*entry.platform)) return;
    std::string text = read_blob(entry, image::kManifestBytes);
    auto body = image::parse_manifest_or_index(text, entry.digest.text(), entry.media_type);
    if (auto* inner = std::get_if<image::Index>(&body)) {
      const Descriptor* chosen = image::find_platform(*inner, platform_);
      if (chosen == nullptr) return;
      image::Index one;
      one.manifests.push_back(*chosen);
      return oci_index(one, depth + 1, names);
    }
    oci_image(std::get<image::Manifest>(body), names);
  }

  bool runs_here(const image::Platform& platform) const {
    return platform.os == platform_.os && platform.architecture == platform_.architecture;
  }

  void oci_image(const image::Manifest& manifest, const std::vector<std::string>& names) {
    if (!image::is_config(manifest.config.media_type)) return;  // an artifact, not an image
    const ArchiveEntry& config = blob(manifest.config);
    std::vector<const ArchiveEntry*> layers;
    std::vector<std::optional<Digest>> digests;
    for (const Descriptor& layer : manifest.layers) {
      if (!image::is_layer(layer.media_type)) throw refused("layer " + layer.digest.text() + " is of an unknown kind");
      layers.push_back(&blob(layer));
      digests.emplace_back(layer.digest);
    }
    IndexedImage& added = add_image(config, layers, digests);
    if (added.id != manifest.config.digest) {
      throw refused("config " + manifest.config.digest.text() + " has another digest: " + added.id.text());
    }
    for (const std::string& name : names) add_name(added, name, "index.json");
  }

  // containerd's annotation is a whole reference; the OCI one may be a tag alone, which names no image.
  static void take_names(const Descriptor& entry, std::vector<std::string>& names) {
    auto whole = entry.annotations.find("io.containerd.image.name");
    auto name = entry.annotations.find("org.opencontainers.image.ref.name");
    if (whole != entry.annotations.end()) {
      names.push_back(whole->second);
    } else if (name != entry.annotations.end() && name->second.find_first_of(":/") != std::string::npos) {
      names.push_back(name->second);
    }
  }

  const ArchiveEntry& blob(const Descriptor& descriptor) const {
    std::string name =
        "blobs/" + std::string(descriptor.digest.algorithm()) + "/" + std::string(descriptor.digest.hex());
    const ArchiveEntry& entry = table_.get(name, "a manifest");
    if (entry.size != static_cast<uint64_t>(descriptor.size)) {
      throw refused("entry " + printable(name) + " has " + std::to_string(entry.size) + " bytes, its descriptor says " +
                    std::to_string(descriptor.size));
    }
    return entry;
  }

  std::string read_blob(const Descriptor& descriptor, size_t limit) const {
    std::string text = table_.read(blob(descriptor), limit);
    if (descriptor.digest.algorithm() != "sha256") {
      throw Error(ErrorKind::unsupported, "digest " + descriptor.digest.text() + ": only sha256 is supported");
    }
    if (digest_of(text) != descriptor.digest) {
      throw refused("blob " + descriptor.digest.text() + " has another digest: " + digest_of(text).text());
    }
    return text;
  }

  IndexedImage& add_image(const ArchiveEntry& config_entry, const std::vector<const ArchiveEntry*>& layers,
                          const std::vector<std::optional<Digest>>& blob_digests) {
    if (images_.size() == kArchiveImages) throw refused("more than " + std::to_string(kArchiveImages) + " images");
    std::string text = table_.read(config_entry, image::kConfigBytes);
    image::ImageConfig config = image::parse_image_config(text, config_entry.name);
    if (config.diff_ids.size() != layers.size()) {
      throw refused(config_entry.name + ": has " + std::to_string(config.diff_ids.size()) + " diff ids for " +
                    std::to_string(layers.size()) + " layers");
    }
    IndexedImage image{digest_of(text), text, image::write_image_config(config), {}, {}};
    total_ += 2 * text.size();
    if (total_ > kReportLimit / 4) throw refused("the configurations of its images have more than 16 MiB");
    std::optional<Digest> chain;
    for (size_t i = 0; i < layers.size(); ++i) {
      const Digest& diff_id = config.diff_ids[i];
      // image-spec config.md, "Layer ChainID".
      chain = chain ? digest_of(chain->text() + " " + diff_id.text()) : diff_id;
      image.layers.push_back({layers[i]->name, layers[i]->offset, layers[i]->size, diff_id, *chain,
                              blob_digests.empty() ? std::nullopt : blob_digests[i]});
    }
    images_.push_back(std::move(image));
    return images_.back();
  }

  static void add_name(IndexedImage& image, const std::string& name, const char* where) {
    std::optional<image::Reference> reference = image::Reference::find(name);
    if (!reference) throw refused(std::string(where) + ": " + printable(name) + " is not an image's name");
    if (reference->digest && reference->tag.empty()) return;  // a name that only its registry can give
    reference->digest.reset();
    std::string canonical = reference->with_default_tag().canonical();
    if (std::find(image.names.begin(), image.names.end(), canonical) == image.names.end())
      image.names.push_back(canonical);
  }

  const EntryTable& table_;
  const image::Platform& platform_;
  std::vector<IndexedImage> images_;
  size_t total_ = 0;
};

}  // namespace

IndexReport index_archive(int input, const IndexJob& job, int spool) {
  layer::Extent extent{input, job.seekable, job.offset, UINT64_MAX};
  IndexReport report;
  auto source = layer::open_inflated(extent);
  report.spooled = !job.seekable || source->is_inflated();
  if (report.spooled) spool_all(*source, spool);
  EntryTable table(report.spooled ? spool : input, report.spooled ? 0 : job.offset);
  report.images = Indexing(table, job.platform).run();
  return report;
}

}  // namespace crun::archive
