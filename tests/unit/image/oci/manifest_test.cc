#include "image/oci/manifest.h"

#include <doctest/doctest.h>

#include "crun/error.h"
#include "image/oci/media_type.h"

using namespace crun::image;
using crun::Error;
using crun::ErrorKind;

namespace {

const std::string kHex(64, 'a');

std::string descriptor(const std::string& more = "") {
  return R"({"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:)" + kHex + R"(","size":7)" +
         more + "}";
}

std::string refusal(const std::string& text, std::string_view media_type = {}) {
  try {
    parse_manifest_or_index(text, "m.json", media_type);
  } catch (const Error& error) {
    return error.text();
  }
  return "accepted";
}

Descriptor entry(Platform platform) {
  return {std::string(kOciManifest), Digest::parse("sha256:" + kHex), 7, {}, {}, std::move(platform), ""};
}

}  // namespace

TEST_CASE("a manifest keeps its descriptors in order and is written the same each time") {
  std::string text = R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)" +
                     descriptor() + R"(,"layers":[)" + descriptor(R"(,"annotations":{"a":"b"},"urls":["x"])") + "," +
                     descriptor() + R"(],"annotations":{"k":"v"},"unknown":[1]})";
  Manifest manifest = parse_manifest(text, "m.json", kOciManifest);
  CHECK(manifest.layers.size() == 2);
  CHECK(manifest.layers[0].annotations.at("a") == "b");
  CHECK(manifest.layers[0].urls == std::vector<std::string>{"x"});
  CHECK(manifest.config.size == 7);
  std::string written = write_manifest(manifest);
  CHECK(write_manifest(parse_manifest(written, "again")) == written);
  CHECK(written.find("\"annotations\":{\"k\":\"v\"}") != std::string::npos);
}

TEST_CASE("an index keeps platforms") {
  std::string text = R"({"schemaVersion":2,"manifests":[)" +
                     descriptor(R"(,"platform":{"os":"linux","architecture":"arm","variant":"v7"})") + "]}";
  Index index = parse_index(text, "i.json");
  CHECK(index.manifests.at(0).platform == Platform{"linux", "arm", "v7", ""});
  CHECK(write_index(parse_index(write_index(index), "again")) == write_index(index));
}

TEST_CASE("a body of two meanings is refused (CVE-2021-41190)") {
  std::string both = R"({"schemaVersion":2,"config":)" + descriptor() + R"(,"layers":[],"manifests":[]})";
  CHECK(refusal(both) == "m.json: it could be read as a manifest and as an index");
  std::string layers_and_manifests = R"({"schemaVersion":2,"layers":[],"manifests":[]})";
  CHECK(refusal(layers_and_manifests, kOciIndex) == "m.json: it could be read as a manifest and as an index");
  std::string index = R"({"schemaVersion":2,"manifests":[]})";
  CHECK(refusal(index) == "accepted");
  CHECK(refusal(index, kOciManifest) == "m.json: it is announced as a manifest and looks like an index");
  std::string said = R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})";
  CHECK(refusal(said, kDockerIndex).find("was announced") != std::string::npos);
  std::string lies =
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","layers":[],"config":)" +
      descriptor() + "}";
  CHECK(refusal(lies) == "m.json: it is announced as an index and looks like a manifest");
}

TEST_CASE("malformed manifests are refused with the member that is wrong") {
  auto with_layer = [](const std::string& layer) {
    return R"({"schemaVersion":2,"config":)" + descriptor() + R"(,"layers":[)" + layer + "]}";
  };
  CHECK(refusal("[]") == "m.json: it is not an object");
  CHECK(refusal("{") == "m.json: not JSON at line 1, column 2");
  CHECK(refusal("{}") == "m.json: it is neither a manifest nor an index");
  CHECK(refusal(R"({"config":{},"layers":[]})") == "m.json: schemaVersion is not 2");
  CHECK(refusal(R"({"schemaVersion":2,"layers":[]})") == "m.json: config is missing");
  CHECK(refusal(R"({"schemaVersion":1,"fsLayers":[]})").find("schema 1") != std::string::npos);
  CHECK(refusal(with_layer("7")) == "m.json: layers[0] is not an object");
  CHECK(refusal(with_layer(R"({"digest":"sha256:../../etc","size":1})")).find("layers[0].digest is not of the form") !=
        std::string::npos);
  CHECK(refusal(with_layer(R"({"digest":"sha256:)" + kHex + R"(","size":-1})")) ==
        "m.json: layers[0].size is missing or negative");
  CHECK(refusal(with_layer(R"({"digest":"sha256:)" + kHex + R"(","size":18446744073709551615})")) ==
        "m.json: layers[0].size is not an integer of 64 bits");
  CHECK(refusal(with_layer(R"({"digest":"sha256:)" + kHex + R"(","size":1.5})")) ==
        "m.json: layers[0].size is not an integer of 64 bits");
  CHECK(refusal(with_layer(descriptor(R"(,"annotations":{"a":1})"))) ==
        "m.json: layers[0].annotations is not a string");
  CHECK(refusal(R"({"schemaVersion":2,"mediaType":"text/html","config":)" + descriptor() + "}").find("neither") !=
        std::string::npos);
  std::string many = descriptor();
  for (size_t i = 0; i < kMaxLayers; ++i) many += "," + descriptor();
  CHECK(refusal(with_layer(many)) == "m.json: layers has more than 500 elements");
  CHECK(refusal(std::string(100, '[') + std::string(100, ']')) == "m.json: nested deeper than 32");
  CHECK(refusal(std::string(kManifestBytes + 1, ' ')).find("longer than") != std::string::npos);
}

TEST_CASE("the platform's entry is taken, the nearest older variant, never an attestation") {
  Index index;
  index.manifests = {entry({"linux", "arm", "v5", ""}), entry({"linux", "arm", "v6", ""}),
                     entry({"linux", "arm64", "", ""}), entry({"windows", "amd64", "", ""}),
                     entry({"unknown", "unknown", "", ""})};
  auto found = [&](const Platform& wanted) { return find_platform(index, wanted); };
  CHECK(found({"linux", "arm", "v7", ""}) == &index.manifests[1]);
  CHECK(found({"linux", "arm", "v5", ""}) == &index.manifests[0]);
  CHECK(found({"linux", "arm64", "v8", ""}) == &index.manifests[2]);
  CHECK(found({"linux", "amd64", "", ""}) == nullptr);
  Index single;
  single.manifests = {entry({"linux", "amd64", "", ""}), entry({"linux", "amd64", "", ""})};
  single.manifests[0].annotations["vnd.docker.reference.type"] = "attestation-manifest";
  CHECK(find_platform(single, {"linux", "amd64", "", ""}) == &single.manifests[1]);
  single.manifests[1].platform.reset();
  CHECK(find_platform(single, {"linux", "arm64", "", ""}) == &single.manifests[1]);
}

TEST_CASE("media types say what a blob is") {
  CHECK(layer_compression("application/vnd.oci.image.layer.v1.tar+zstd") == Compression::zstd);
  CHECK(layer_compression(kDockerLayerGzip) == Compression::gzip);
  CHECK(layer_compression("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip") == Compression::gzip);
  CHECK_FALSE(is_layer(kOciConfig));
  CHECK(is_config(kDockerConfig));
  CHECK_THROWS_AS(layer_compression("text/html"), Error);
}
