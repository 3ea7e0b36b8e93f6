#include <doctest/doctest.h>
#include <sys/mman.h>

#include "base/file.h"
#include "crun/error.h"
#include "crun/fd.h"
#include "image/archive/index_archive.h"
#include "image/layer/digest.h"
#include "tests/unit/image/layer/tar_builder.h"

using namespace crun;
using namespace crun::archive;
using layer::TarBuilder;

namespace {

const std::string kLayer = TarBuilder().file("a", "content").end();

std::string hex_of(const std::string& text) { return layer::sha256_digest(text).substr(7); }

std::string config_of(const std::vector<std::string>& diff_ids, const std::string& architecture = "amd64") {
  std::string list;
  for (const std::string& id : diff_ids) list += (list.empty() ? "\"" : ",\"") + id + "\"";
  return R"({"os":"linux","architecture":")" + architecture + R"(","rootfs":{"type":"layers","diff_ids":[)" + list +
         "]}}";
}

IndexReport index(const std::string& archive, Fd* spool_out = nullptr, bool seekable = true) {
  Fd file(memfd_create("archive", MFD_CLOEXEC));
  write_all(file.get(), archive, "test");
  lseek(file.get(), 0, SEEK_SET);
  Fd spool(memfd_create("spool", MFD_CLOEXEC));
  IndexJob job;
  job.seekable = seekable;
  job.platform.os = "linux";
  job.platform.architecture = "amd64";
  IndexReport report = index_archive(file.get(), job, spool.get());
  if (spool_out != nullptr) *spool_out = std::move(spool);
  return report;
}

std::string descriptor(const std::string& type, const std::string& body, const std::string& more = "") {
  return R"({"mediaType":")" + type + R"(","digest":")" + layer::sha256_digest(body) + R"(","size":)" +
         std::to_string(body.size()) + more + "}";
}

const std::string kManifestType = "application/vnd.oci.image.manifest.v1+json";
const std::string kIndexType = "application/vnd.oci.image.index.v1+json";

std::string manifest_of(const std::string& config, const std::string& stored_layer) {
  return R"({"schemaVersion":2,"config":)" + descriptor("application/vnd.oci.image.config.v1+json", config) +
         R"(,"layers":[)" + descriptor("application/vnd.oci.image.layer.v1.tar", stored_layer) + "]}";
}

TarBuilder layout(const std::vector<std::string>& blobs, const std::string& index) {
  TarBuilder tar;
  tar.file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})").file("index.json", index);
  for (const std::string& blob : blobs) tar.file("blobs/sha256/" + hex_of(blob), blob);
  return tar;
}

std::string index_of(const std::vector<std::string>& descriptors) {
  std::string list;
  for (const std::string& one : descriptors) list += (list.empty() ? "" : ",") + one;
  return R"({"schemaVersion":2,"manifests":[)" + list + "]}";
}

}  // namespace

TEST_CASE("index: a docker-archive, its names and where its layers lie") {
  std::string second = TarBuilder().file("b", "other").end();
  std::string config = config_of({layer::sha256_digest(kLayer), layer::sha256_digest(second)});
  TarBuilder tar(layer::TarForm::gnu);
  tar.folder("x/").file("x/layer.tar", kLayer).file(hex_of(config) + ".json", config);
  tar.folder("y/").symlink("y/layer.tar", "../z/layer.tar").folder("z/").file("z/layer.tar", second);
  tar.file("manifest.json",
           R"([{"Config":")" + hex_of(config) +
               R"(.json","RepoTags":["busybox","localhost:5000/a/b:c"],"Layers":["x/layer.tar","y/layer.tar"]}])");
  for (bool seekable : {true, false}) {
    IndexReport report = index(tar.end(), nullptr, seekable);
    CHECK(report.spooled == !seekable);
    REQUIRE(report.images.size() == 1);
    const IndexedImage& image = report.images[0];
    CHECK(image.id.text() == layer::sha256_digest(config));
    CHECK(image.original_config == config);
    CHECK(image.names == std::vector<std::string>{"docker.io/library/busybox:latest", "localhost:5000/a/b:c"});
    REQUIRE(image.layers.size() == 2);
    CHECK(tar.end().substr(image.layers[0].offset, image.layers[0].size) == kLayer);
    CHECK(tar.end().substr(image.layers[1].offset, image.layers[1].size) == second);
    CHECK(image.layers[0].chain_id == image.layers[0].diff_id);
    CHECK(image.layers[1].chain_id.text() ==
          layer::sha256_digest(layer::sha256_digest(kLayer) + " " + layer::sha256_digest(second)));
  }
}

TEST_CASE("index: an OCI layout, with digests checked") {
  std::string config = config_of({layer::sha256_digest(kLayer)});
  std::string manifest = manifest_of(config, kLayer);
  std::string named =
      descriptor(kManifestType, manifest, R"(,"annotations":{"org.opencontainers.image.ref.name":"a/b:c"})");
  IndexReport report = index(layout({config, manifest, kLayer}, index_of({named})).end());
  REQUIRE(report.images.size() == 1);
  CHECK(report.images[0].names == std::vector<std::string>{"docker.io/a/b:c"});
  CHECK(report.images[0].layers[0].blob_digest->text() == layer::sha256_digest(kLayer));

  SUBCASE("a tag alone names nothing") {
    std::string tag =
        descriptor(kManifestType, manifest, R"(,"annotations":{"org.opencontainers.image.ref.name":"latest"})");
    CHECK(index(layout({config, manifest, kLayer}, index_of({tag})).end()).images[0].names.empty());
  }
  SUBCASE("a blob that lies about its digest") {
    TarBuilder tar;
    std::string other = manifest;
    other[other.size() - 1] = ' ';
    tar.file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})").file("index.json", index_of({named}));
    tar.file("blobs/sha256/" + hex_of(manifest), other);
    CHECK_THROWS_WITH_AS(index(tar.end()), doctest::Contains("has another digest"), Error);
  }
  SUBCASE("a size that lies") {
    std::string wrong = named;
    wrong.replace(wrong.find("\"size\":") + 7, 1, "9");
    CHECK_THROWS_WITH_AS(index(layout({config, manifest, kLayer}, index_of({wrong})).end()),
                         doctest::Contains("its descriptor says"), Error);
  }
  SUBCASE("of several platforms ours is taken") {
    std::string foreign_config = config_of({layer::sha256_digest(kLayer)}, "s390x");
    std::string foreign = manifest_of(foreign_config, kLayer);
    std::string inner =
        index_of({descriptor(kManifestType, foreign, R"(,"platform":{"os":"linux","architecture":"s390x"})"),
                  descriptor(kManifestType, manifest, R"(,"platform":{"os":"linux","architecture":"amd64"})")});
    std::string outer = index_of({descriptor(kIndexType, inner)});
    IndexReport chosen = index(layout({config, manifest, foreign_config, foreign, kLayer, inner}, outer).end());
    REQUIRE(chosen.images.size() == 1);
    CHECK(chosen.images[0].original_config == config);
  }
  SUBCASE("beside ours one of another platform is passed over") {
    std::string foreign_config = config_of({layer::sha256_digest(kLayer)}, "s390x");
    std::string foreign = manifest_of(foreign_config, kLayer);
    std::string both =
        index_of({descriptor(kManifestType, foreign, R"(,"platform":{"os":"linux","architecture":"s390x"})"),
                  descriptor(kManifestType, manifest, R"(,"platform":{"os":"linux","architecture":"amd64"})")});
    IndexReport chosen = index(layout({config, manifest, foreign_config, foreign, kLayer}, both).end());
    REQUIRE(chosen.images.size() == 1);
    CHECK(chosen.images[0].original_config == config);
  }
  SUBCASE("without oci-layout") {
    CHECK_THROWS_WITH_AS(index(TarBuilder().file("index.json", index_of({named})).end()),
                         doctest::Contains("not an OCI layout"), Error);
  }
}

TEST_CASE("index: indexes that nest without end are refused") {
  std::string inner = index_of({});
  std::vector<std::string> blobs = {inner};
  for (int i = 0; i < 6; ++i) {
    inner = index_of({descriptor(kIndexType, inner, R"(,"platform":{"os":"linux","architecture":"amd64"})")});
    blobs.push_back(inner);
  }
  CHECK_THROWS_WITH_AS(index(layout(blobs, inner).end()), doctest::Contains("nested deeper"), Error);
}

TEST_CASE("index: what is not ours to read is refused by name") {
  CHECK_THROWS_WITH_AS(index(TarBuilder().file("a", "x").end()), doctest::Contains("it holds no images"), Error);
  CHECK_THROWS_WITH_AS(index(TarBuilder().file("manifest.json", "{}").end()), doctest::Contains("not a list"), Error);
  CHECK_THROWS_WITH_AS(index(TarBuilder().file("manifest.json", R"([{"Config":"nowhere"}])").end()),
                       doctest::Contains("'nowhere', which is not in the archive"), Error);
  CHECK_THROWS_WITH_AS(index(TarBuilder().file("../x", "").end()), doctest::Contains("entry '../x' at byte 0"), Error);
  CHECK_THROWS_WITH_AS(index(TarBuilder().file("a", "").file("./a", "").end()), doctest::Contains("two entries"),
                       Error);
}

TEST_CASE("protocol: reports and jobs come back as they were sent") {
  LayerJob job{1, 2, false, true, true, 3};
  auto again = std::get<LayerJob>(parse_job(write_job(job)));
  CHECK(again.offset == 1);
  CHECK(again.size == 2);
  CHECK_FALSE(again.seekable);
  CHECK(again.complete);
  CHECK(again.lowers == 3);
  LayerReport report;
  report.diff_id = image::Digest::parse(layer::sha256_digest("x"));
  report.bytes = UINT64_MAX;
  report.self_contained = false;
  report.lacks = "usr";
  LayerReport read = parse_layer_report(write_report(report));
  CHECK(read.diff_id == report.diff_id);
  CHECK(read.bytes == UINT64_MAX);
  CHECK(read.lacks == "usr");
  CHECK_THROWS_WITH_AS(parse_layer_report(write_failure(Error(ErrorKind::invalid, "what failed"))), "what failed",
                       Error);
  try {
    parse_layer_report(write_failure(SysError(ENOSPC, "writing")));
    FAIL("no error");
  } catch (const SysError& error) {
    CHECK(error.errno_value() == ENOSPC);
    CHECK(error.text() == "writing: no space left on device");
  }
  CHECK_THROWS_AS(parse_layer_report("{}"), Error);
  CHECK_THROWS_AS(parse_layer_report(R"({"version":1,"diffId":"sha256:../../x"})"), Error);
  CHECK_THROWS_AS(parse_index_report(R"({"version":1,"spooled":true,"images":[{"id":"x"}]})"), Error);
}
