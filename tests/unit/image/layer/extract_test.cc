// Archives unpacked into a tree that is in use (ADD): its links are followed within it and never out of it.
#include <doctest/doctest.h>

#include "tests/unit/image/layer/layer_fixture.h"

using namespace crun;
using namespace crun::layer;

namespace {

void extract(const LayerFixture& fixture, const std::string& tar, std::string_view into) {
  TextSource source(tar);
  extract_archive(source, fixture.root(), into, {});
}

}  // namespace

TEST_CASE("extract: into a folder that exists or not, over what is there") {
  LayerFixture fixture;
  fixture.unpack(TarBuilder().folder("app/").file("app/old", "old").file("app/kept", "kept").folder("app/d/").end());
  TarBuilder tar;
  tar.folder("./").file("old", "new").folder("d/", 0711).file("d/x", "x").file("e/f/deep", "y").hardlink("h", "d/x");
  tar.file(".wh.kept", "no whiteout here").file("d/.wh..wh..opq", "");
  extract(fixture, tar.end(), "/app");
  extract(fixture, TarBuilder().file("a", "1").end(), "new/place/");
  CHECK(fixture.listing() ==
        "app/ 755\napp/.wh.kept 644 no whiteout here\napp/d/ 711\napp/d/.wh..wh..opq 644 \napp/d/x 644 x\n"
        "app/e/ 755\napp/e/f/ 755\napp/e/f/deep 644 y\napp/h 644 x\napp/kept 644 kept\napp/old 644 new\n"
        "new/ 755\nnew/place/ 755\nnew/place/a 644 1\n");
}

TEST_CASE("extract: links of the tree are followed as chroot would, not out of it") {
  LayerFixture fixture;
  fixture.unpack(TarBuilder()
                     .folder("usr/")
                     .folder("usr/lib/")
                     .symlink("lib", "/usr/lib")
                     .symlink("up", "../../..")
                     .symlink("usr/out", "../../../secret")
                     .end());
  extract(fixture, TarBuilder().file("lib/a", "1").file("up/b", "2").file("usr/out", "3").end(), "/");
  extract(fixture, TarBuilder().symlink("mine", "../../..").file("mine/secret", "4").end(), "/");
  CHECK(fixture.listing() ==
        "b 644 2\nlib -> /usr/lib\nmine -> ../../..\nsecret 644 4\nup -> ../../..\nusr/ 755\nusr/lib/ 755\n"
        "usr/lib/a 644 1\nusr/out 644 3\n");
  fixture.check_outside();
}

TEST_CASE("extract: a set-gid folder in use passes nothing on but what the archive says") {
  LayerFixture fixture;
  fixture.unpack(TarBuilder().folder("d/", 02777).end());
  extract(fixture, TarBuilder().file("f", "x", 0640).folder("e/", 0750).end(), "d");
  CHECK(fixture.listing() == "d/ 2777\nd/e/ 750\nd/f 640 x\n");
}

TEST_CASE("extract: names that lead out are refused") {
  LayerFixture fixture;
  CHECK_THROWS_WITH_AS(extract(fixture, TarBuilder().file("../x", "").end(), "d"), doctest::Contains("'..'"), Error);
  CHECK_THROWS_WITH_AS(extract(fixture, TarBuilder().hardlink("x", "../../secret").end(), "d"),
                       doctest::Contains("'..'"), Error);
  CHECK_THROWS_WITH_AS(extract(fixture, TarBuilder().hardlink("x", "nowhere").end(), "d"),
                       doctest::Contains("which does not exist"), Error);
  fixture.check_outside();
}
