// Archives that try to get out, to hide something, or to fill the disk: each is refused by name and offset.
#include <doctest/doctest.h>

#include "tests/unit/image/layer/layer_fixture.h"

using namespace crun;
using namespace crun::layer;

namespace {
bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("hostile: names that lead out") {
  LayerFixture fixture;
  CHECK(fixture.refusal(TarBuilder().file("ok", "").file("/etc/passwd", "x").end()) ==
        "entry '/etc/passwd' at byte 512: absolute names are refused");
  CHECK(contains(fixture.refusal(TarBuilder().file("../secret", "x").end()), "names with '..' are refused"));
  CHECK(contains(fixture.refusal(TarBuilder().file("a/../../secret", "x").end()), "names with '..' are refused"));
  CHECK(contains(fixture.refusal(TarBuilder().file("a/..", "x").end()), "names with '..' are refused"));
  CHECK(contains(fixture.refusal(TarBuilder().hardlink("a", "../secret").end()), "its hard link target '../secret'"));
  CHECK(contains(fixture.refusal(TarBuilder().hardlink("a", "/etc/passwd").end()), "absolute names are refused"));
}

TEST_CASE("hostile: writing through a link") {
  {
    LayerFixture fixture;
    std::string text = fixture.refusal(TarBuilder().symlink("out", "..").file("out/secret", "x").end());
    CHECK(text == "entry 'out/secret' at byte 512: its path goes through 'out', where there is a symlink");
  }
  {
    LayerFixture fixture;
    CHECK(contains(fixture.refusal(TarBuilder().symlink("out", "/").folder("out/made/").end()), "symlink"));
  }
  {
    LayerFixture fixture;
    CHECK(contains(fixture.refusal(TarBuilder().symlink("out", "..").hardlink("a", "out/secret").end()),
                   "goes through a symlink"));
  }
  {
    LayerFixture fixture;
    // Replaced, not followed.
    CHECK(fixture.refusal(TarBuilder().symlink("x", "../secret").file("x", "y").end()).empty());
    CHECK(fixture.listing() == "x 644 y\n");
  }
  {
    LayerFixture fixture;
    CHECK(
        contains(fixture.refusal(TarBuilder().folder("d/").symlink("d", "..").file("d/secret", "x").end()), "symlink"));
  }
  {
    LayerFixture fixture;
    CHECK(contains(fixture.refusal(TarBuilder().symlink("d", "..").file("d/.wh.secret", "").end()), "symlink"));
  }
  {
    LayerFixture fixture;
    CHECK(contains(fixture.refusal(TarBuilder().symlink("d", "..").file("d/.wh..wh..opq", "").end()), "symlink"));
  }
}

TEST_CASE("hostile: the top is no folder") {
  LayerFixture fixture;
  for (const char* name : {"./", ".", "./."}) {
    CHECK(contains(fixture.refusal(TarBuilder().symlink(name, "/etc").end()), "the archive's top must be a folder"));
  }
  CHECK(contains(fixture.refusal(TarBuilder().symlink("/", "/etc").end()), "absolute names are refused"));
  CHECK(contains(fixture.refusal(TarBuilder().hardlink("a", ".").end()), "it is a folder"));
}

TEST_CASE("hostile: whiteouts of what is no name") {
  LayerFixture fixture;
  for (const char* name : {".wh.", ".wh..", ".wh...", "d/.wh..."}) {
    CHECK(contains(fixture.refusal(TarBuilder().folder("d/").file(name, "").end()), "is refused"));
  }
  CHECK(contains(fixture.refusal(TarBuilder().file(".wh.a/b", "").end()), "goes through a whiteout"));
  CHECK(contains(fixture.refusal(TarBuilder().hardlink("a", "b").end().substr(0, 512) + std::string(1024, '\0'), {}),
                 ""));
}

TEST_CASE("hostile: overlay's own marks") {
  LayerFixture fixture;
  for (const char* name : {"user.overlay.opaque", "user.overlay.redirect", "trusted.overlay.metacopy"}) {
    TarBuilder tar;
    tar.pax({{std::string("SCHILY.xattr.") + name, "y"}}).folder("d/");
    CHECK(contains(fixture.refusal(tar.end()), "would change what overlayfs shows"));
  }
  CHECK(contains(fixture.refusal(TarBuilder().add({"d", '3'}).end()), "a device 0:0 is overlayfs' whiteout"));
}

TEST_CASE("hostile: more than it may be") {
  UnpackOptions options;
  SUBCASE("entries") {
    LayerFixture fixture;
    options.limits.entries = 3;
    TarBuilder tar;
    for (int i = 0; i < 5; ++i) tar.file("f" + std::to_string(i), "");
    CHECK(fixture.refusal(tar.end(), options) == "more than 3 entries, at byte 1536");
  }
  SUBCASE("depth") {
    LayerFixture fixture;
    std::string path;
    for (int i = 0; i < 300; ++i) path += "d/";
    CHECK(contains(fixture.refusal(TarBuilder().pax({{"path", path}}).folder("x").end()), "deeper than 256 folders"));
  }
  SUBCASE("a name") {
    LayerFixture fixture;
    CHECK(contains(fixture.refusal(TarBuilder().pax({{"path", std::string(256, 'x')}}).file("x", "").end()),
                   "more than 255 bytes"));
  }
  SUBCASE("a path") {
    LayerFixture fixture;
    std::string path;
    for (int i = 0; i < 30; ++i) path += std::string(200, 'd') + "/";
    CHECK(contains(fixture.refusal(TarBuilder().pax({{"path", path}}).folder("x").end()), "more than 4095 bytes"));
  }
  SUBCASE("bytes") {
    LayerFixture fixture;
    options.limits.bytes = 100;
    CHECK(contains(
        fixture.refusal(TarBuilder().file("a", std::string(60, 'x')).file("b", std::string(60, 'x')).end(), options),
        "entry 'b' at byte 1024: more than 100 bytes of files"));
  }
  SUBCASE("a size that lies") {
    LayerFixture fixture;
    CHECK(contains(fixture.refusal(TarBuilder().pax({{"size", "9223372036854775807"}}).file("a", "x").end()),
                   "at byte 0: Tar"));
    CHECK(contains(fixture.refusal(TarBuilder().add({.name = "a", .content = "x", .size = 5000}).end()), "runcated"));
  }
  SUBCASE("holes") {
    LayerFixture fixture;
    TarBuilder tar;
    tar.pax({{"GNU.sparse.major", "1"},
             {"GNU.sparse.minor", "0"},
             {"GNU.sparse.name", "h"},
             {"GNU.sparse.realsize", "60000000000"}});
    tar.file("x", "0\n" + std::string(510, '\0'));
    CHECK(contains(fixture.refusal(tar.end()), "times its size"));
  }
  SUBCASE("a bomb") {
    LayerFixture fixture;
    options.limits.free_bytes = 100000;
    TextSource source(TarBuilder().file("zeros", std::string(200000, '\0')).end());
    source.pretend_consumed(300);
    CHECK_THROWS_WITH_AS(unpack_layer(source, fixture.root(), options),
                         doctest::Contains("more than 250 times its size"), Error);
  }
}

TEST_CASE("hostile: damaged headers") {
  LayerFixture fixture;
  std::string good = TarBuilder().file("a", "x").file("b", "y").end();
  std::string bad = good;
  bad[1024 + 5] = 'Q';
  CHECK(contains(fixture.refusal(bad), "at byte 1024"));
  CHECK(contains(fixture.refusal(std::string(2000, 'x')), "at byte 0"));
  CHECK(contains(fixture.refusal(good.substr(0, 700)), "runcated"));
  CHECK(contains(fixture.refusal(TarBuilder().raw(std::string("junk")).pad().end()), "at byte 0"));
}

TEST_CASE("hostile: owners beyond 32 bits") {
  LayerFixture fixture;
  for (const char* id : {"4294967295", "4294967296", "-1", "9223372036854775807"}) {
    CHECK(contains(fixture.refusal(TarBuilder().pax({{"uid", id}}).file("a", "x").end()), "out of range"));
  }
}

TEST_CASE("hostile: names that would move a terminal's cursor are shown harmless") {
  LayerFixture fixture;
  CHECK(contains(fixture.refusal(TarBuilder().file("/\x1b[2J'", "").end()), "entry '/\\x1b[2J\\x27' at byte 0"));
}

TEST_CASE("hostile: hard links to oneself, to folders, to nothing") {
  LayerFixture fixture;
  CHECK(contains(fixture.refusal(TarBuilder().hardlink("a", "a").end()), "to itself"));
  CHECK(contains(fixture.refusal(TarBuilder().folder("d/").hardlink("a", "d").end()), "which is a folder"));
  CHECK(contains(fixture.refusal(TarBuilder().file("f", "").file("f/x", "").end()), "which is no folder"));
}

TEST_CASE("hostile: a hundred thousand entries take bounded time") {
  LayerFixture fixture;
  TarBuilder tar;
  tar.file("f", "x");
  for (int i = 0; i < 20000; ++i) tar.hardlink("l" + std::to_string(i), "f");
  CHECK(fixture.unpack(tar.end()).entries == 20001);
}
