#include <doctest/doctest.h>
#include <sys/mman.h>

#include "tests/unit/image/layer/layer_fixture.h"

using namespace crun;
using namespace crun::layer;

namespace {

// Unpacks with a record, and makes the tar again.
void check_round_trip(const std::string& tar, size_t piece = 4096) {
  LayerFixture fixture;
  Fd record(memfd_create("record", MFD_CLOEXEC));
  {
    TarRecorder recorder(record.get());
    UnpackOptions options;
    options.recorder = &recorder;
    fixture.unpack(tar, options, piece);
  }
  StringSink again;
  reassemble_tar(record.get(), fixture.root(), again);
  CHECK(again.text == tar);
}

std::string many(size_t size) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ",";
  return text.substr(0, size);
}

}  // namespace

TEST_CASE("record: odd tars come back byte for byte") {
  std::string longer(150, 'n');
  for (size_t piece : {1u, 100u, 512u, 4096u, 1000000u}) {
    for (TarForm form : {TarForm::v7, TarForm::ustar, TarForm::gnu}) {
      TarBuilder tar(form);
      tar.folder("d/").file("d/a", many(1000)).file("d/b", many(5000)).file("d/empty", "").symlink("l", "d/a");
      check_round_trip(tar.end(), piece);
      check_round_trip(tar.end(10240 - tar.text().size()), piece);  // GNU tar's blocking factor
      check_round_trip(tar.text(), piece);                          // no end at all
      check_round_trip(tar.end(512), piece);                        // half an end
      check_round_trip(tar.end() + "what follows the end", piece);
    }
    check_round_trip(TarBuilder(TarForm::gnu).gnu_long('L', longer).file("cut", many(700)).end(), piece);
    check_round_trip(TarBuilder().pax({{"path", longer}, {"comment", "kept"}}).file("x", many(700)).end(), piece);
    check_round_trip(TarBuilder().pax({{"comment", "0123456"}}, 'g').file("x", many(700)).end(), piece);
  }
}

TEST_CASE("record: padding that is not zero, and content of what is no file") {
  std::string tar = TarBuilder().file("a", "x").file(".wh.b", "content of a whiteout").end();
  tar[512 + 100] = 'P';
  check_round_trip(tar);
}

TEST_CASE("record: what was replaced in the same tar is kept") {
  TarBuilder tar;
  tar.file("a", many(70000)).file("b", "b1").file("a", many(10)).file("a", "third");
  tar.folder("d/").folder("d/e/").file("d/e/x", many(3000)).hardlink("d/e/y", "d/e/x").file("d", "gone");
  tar.file("h", "first").hardlink("k", "h").file("h", "second");
  for (size_t piece : {333u, 4096u, 1000000u}) check_round_trip(tar.end(), piece);
}

TEST_CASE("record: sparse files") {
  TarBuilder tar;
  std::string map = "2\n0\n3\n8192\n5\n";
  tar.pax({{"GNU.sparse.major", "1"},
           {"GNU.sparse.minor", "0"},
           {"GNU.sparse.name", "holes"},
           {"GNU.sparse.realsize", "10000"}});
  tar.file("GNUSparseFile.0/holes", map + std::string(512 - map.size(), '\0') + "abchello");
  for (size_t piece : {333u, 4096u}) check_round_trip(tar.end(), piece);
}

TEST_CASE("record: a layer that changed on disk is found out") {
  LayerFixture fixture;
  Fd record(memfd_create("record", MFD_CLOEXEC));
  {
    TarRecorder recorder(record.get());
    UnpackOptions options;
    options.recorder = &recorder;
    fixture.unpack(TarBuilder().file("a", "content").end(), options);
  }
  StringSink out;
  Fd file = fixture.root().open_at("a", O_WRONLY);
  REQUIRE(pwrite(file.get(), "C", 1, 0) == 1);
  CHECK_THROWS_WITH_AS(reassemble_tar(record.get(), fixture.root(), out), doctest::Contains("not what was unpacked"),
                       Error);
  REQUIRE(ftruncate(file.get(), 3) == 0);
  CHECK_THROWS_WITH_AS(reassemble_tar(record.get(), fixture.root(), out), doctest::Contains("shorter than it was"),
                       Error);
}

TEST_CASE("record: a damaged record is refused") {
  LayerFixture fixture;
  Fd record(memfd_create("record", MFD_CLOEXEC));
  {
    TarRecorder recorder(record.get());
    recorder.raw("some bytes");
    recorder.finish(sha256_digest("some bytes"));
  }
  StringSink out;
  reassemble_tar(record.get(), fixture.root(), out);
  CHECK(out.text == "some bytes");
  struct stat status {};
  fstat(record.get(), &status);
  REQUIRE(ftruncate(record.get(), status.st_size - 4) == 0);
  CHECK_THROWS_AS(reassemble_tar(record.get(), fixture.root(), out), Error);
}
