#include "image/oci/manifest.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "crun/error.h"
#include "image/oci/media_type.h"
#include "image/oci/members.h"

namespace crun::image {
namespace {

using nlohmann::json;

constexpr size_t kMaxIndexEntries = 1000;
constexpr std::string_view kReferenceType = "vnd.docker.reference.type";

Platform read_platform(const Members& members) {
  return {members.text("os"), members.text("architecture"), members.text("variant"), members.text("os.version")};
}

Descriptor read_descriptor(const Members& members) {
  std::string text = members.text("digest");
  std::optional<Digest> digest = Digest::find(text);
  if (!digest) members.fail("digest", "is not of the form sha256:<64 lower-case hexadecimal digits>");
  std::optional<int64_t> size = members.integer("size");
  if (!size || *size < 0) members.fail("size", "is missing or negative");
  Descriptor result{members.text("mediaType"), std::move(*digest), *size, {}, {}, {}, {}};
  result.urls = members.texts("urls").value_or(std::vector<std::string>{});
  result.annotations = members.text_map("annotations");
  if (std::optional<Members> platform = members.object("platform")) result.platform = read_platform(*platform);
  result.artifact_type = members.text("artifactType");
  return result;
}

enum class BodyKind { manifest, index };

// One body must have one meaning, to us and to whoever signed or scanned it.
BodyKind kind_of(const Members& top, std::string_view expected) {
  std::string said = top.text("mediaType");
  if (!expected.empty() && !said.empty() && said != expected) {
    top.fail("mediaType",
             "is '" + said.substr(0, 100) + "', but '" + std::string(expected.substr(0, 100)) + "' was announced");
  }
  if (top.has("fsLayers") || top.integer("schemaVersion") == 1) {
    throw Error(ErrorKind::unsupported, "a manifest of docker's schema 1, which no registry serves any more");
  }
  bool like_index = top.has("manifests");
  bool like_manifest = top.has("layers") || top.has("config");
  if (like_index && like_manifest) top.fail("", "could be read as a manifest and as an index");
  std::string_view type = expected.empty() ? std::string_view(said) : expected;
  if (is_index(type) && like_manifest) top.fail("", "is announced as an index and looks like a manifest");
  if (is_manifest(type) && like_index) top.fail("", "is announced as a manifest and looks like an index");
  if (!type.empty() && !is_index(type) && !is_manifest(type)) {
    top.fail("mediaType", "'" + std::string(type.substr(0, 100)) + "' is neither a manifest's nor an index's");
  }
  if (!like_index && !like_manifest) top.fail("", "is neither a manifest nor an index");
  if (top.integer("schemaVersion") != 2) top.fail("schemaVersion", "is not 2");
  return like_index ? BodyKind::index : BodyKind::manifest;
}

Manifest read_manifest(const Members& top) {
  std::optional<Members> config = top.object("config");
  if (!config) top.fail("config", "is missing");
  Manifest result{top.text("mediaType"), read_descriptor(*config), {}, top.text_map("annotations")};
  top.objects("layers", kMaxLayers, [&](const Members& layer) { result.layers.push_back(read_descriptor(layer)); });
  return result;
}

Index read_index(const Members& top) {
  Index result{top.text("mediaType"), {}, top.text_map("annotations")};
  top.objects("manifests", kMaxIndexEntries,
              [&](const Members& entry) { result.manifests.push_back(read_descriptor(entry)); });
  return result;
}

json to_json(const Platform& platform) {
  json result = {{"architecture", platform.architecture}, {"os", platform.os}};
  if (!platform.variant.empty()) result["variant"] = platform.variant;
  if (!platform.os_version.empty()) result["os.version"] = platform.os_version;
  return result;
}

json to_json(const Descriptor& descriptor) {
  json result = {{"mediaType", descriptor.media_type}, {"digest", descriptor.digest.text()}, {"size", descriptor.size}};
  if (!descriptor.urls.empty()) result["urls"] = descriptor.urls;
  if (!descriptor.annotations.empty()) result["annotations"] = descriptor.annotations;
  if (descriptor.platform) result["platform"] = to_json(*descriptor.platform);
  if (!descriptor.artifact_type.empty()) result["artifactType"] = descriptor.artifact_type;
  return result;
}

json list_of(const std::vector<Descriptor>& descriptors) {
  json result = json::array();
  for (const Descriptor& descriptor : descriptors) result.push_back(to_json(descriptor));
  return result;
}

bool is_attestation(const Descriptor& entry) {
  auto type = entry.annotations.find(std::string(kReferenceType));
  return type != entry.annotations.end() && type->second == "attestation-manifest";
}

// v8 is what arm64 means where it says nothing.
std::string_view variant_of(const Platform& platform) {
  if (platform.variant.empty() && platform.architecture == "arm64") return "v8";
  return platform.variant;
}

}  // namespace

std::variant<Manifest, Index> parse_manifest_or_index(std::string_view text, std::string_view name,
                                                      std::string_view media_type) {
  json value = parse_json(text, name, {kManifestBytes, 32});
  Members top(value, name);
  if (kind_of(top, media_type) == BodyKind::index) return read_index(top);
  return read_manifest(top);
}

Manifest parse_manifest(std::string_view text, std::string_view name, std::string_view media_type) {
  std::variant<Manifest, Index> body = parse_manifest_or_index(text, name, media_type);
  if (Manifest* manifest = std::get_if<Manifest>(&body)) return std::move(*manifest);
  throw Error(ErrorKind::invalid, std::string(name) + ": is an index where a manifest is wanted");
}

Index parse_index(std::string_view text, std::string_view name, std::string_view media_type) {
  std::variant<Manifest, Index> body = parse_manifest_or_index(text, name, media_type);
  if (Index* index = std::get_if<Index>(&body)) return std::move(*index);
  throw Error(ErrorKind::invalid, std::string(name) + ": is a manifest where an index is wanted");
}

std::string write_manifest(const Manifest& manifest) {
  json value = {{"schemaVersion", 2}, {"config", to_json(manifest.config)}, {"layers", list_of(manifest.layers)}};
  if (!manifest.media_type.empty()) value["mediaType"] = manifest.media_type;
  if (!manifest.annotations.empty()) value["annotations"] = manifest.annotations;
  return write_json(value);
}

std::string write_index(const Index& index) {
  json value = {{"schemaVersion", 2}, {"manifests", list_of(index.manifests)}};
  if (!index.media_type.empty()) value["mediaType"] = index.media_type;
  if (!index.annotations.empty()) value["annotations"] = index.annotations;
  return write_json(value);
}

Platform host_platform() {
#if defined(__x86_64__)
  return {"linux", "amd64", "", ""};
#elif defined(__aarch64__)
  return {"linux", "arm64", "v8", ""};
#elif defined(__arm__)
  return {"linux", "arm", "v7", ""};
#elif defined(__riscv) && __riscv_xlen == 64
  return {"linux", "riscv64", "", ""};
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
  return {"linux", "ppc64le", "", ""};
#elif defined(__s390x__)
  return {"linux", "s390x", "", ""};
#elif defined(__i386__)
  return {"linux", "386", "", ""};
#else
#error "name this architecture as GOARCH does"
#endif
}

const Descriptor* find_platform(const Index& index, const Platform& wanted) {
  const Descriptor* unnamed = nullptr;
  const Descriptor* best = nullptr;
  size_t images = 0;
  for (const Descriptor& entry : index.manifests) {
    if (is_attestation(entry)) continue;
    ++images;
    if (!entry.platform) {
      unnamed = &entry;
    } else if (entry.platform->os == wanted.os && entry.platform->architecture == wanted.architecture) {
      if (variant_of(*entry.platform) == variant_of(wanted)) return &entry;
      // An older variant runs on a newer machine (arm v6 on v7), never the other way round.
      bool runs = variant_of(*entry.platform) < variant_of(wanted);
      if (runs && (best == nullptr || variant_of(*best->platform) < variant_of(*entry.platform))) best = &entry;
    }
  }
  if (best == nullptr && images == 1) return unnamed;
  return best;
}

}  // namespace crun::image
