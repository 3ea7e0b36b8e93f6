#include <doctest/doctest.h>

#include "tests/unit/image/layer/layer_fixture.h"

using namespace crun;
using namespace crun::layer;

TEST_CASE("unpack: every kind of entry, with mode and time") {
  LayerFixture fixture;
  TarBuilder tar;
  tar.folder("./", 0751);
  tar.folder("usr/").folder("usr/bin/", 01777);
  tar.file("usr/bin/tool", "content", 04755);
  tar.file("empty", "", 0400);
  tar.symlink("link", "/usr/bin/tool").hardlink("usr/hard", "usr/bin/tool");
  tar.add({"pipe", '6'});
  std::string text = tar.end();
  UnpackResult result = fixture.unpack(text);
  CHECK(fixture.listing() ==
        "empty 400 \n"
        "link -> /usr/bin/tool\n"
        "pipe node 10644 0:0\n"
        "usr/ 755\n"
        "usr/bin/ 1777\n"
        "usr/bin/tool 4755 content\n"
        "usr/hard 4755 content\n");
  CHECK(result.self_contained);
  CHECK(result.diff_id == sha256_digest(text));
  CHECK(result.entries == 8);
  CHECK(result.bytes == 7);
  CHECK(result.tar_bytes == text.size());
  struct stat top {};
  fstat(fixture.root().fd(), &top);
  CHECK((top.st_mode & 07777) == 0751);
  CHECK(fixture.root().find_stat("usr")->st_mtim.tv_sec == 1000000000);
  CHECK(fixture.root().find_stat("link")->st_mtim.tv_sec == 1000000000);
  CHECK(fixture.root().find_stat("empty")->st_mtim.tv_sec == 1000000000);
}

TEST_CASE("unpack: a top without an entry is 0755 and of 1970") {
  LayerFixture fixture;
  fixture.unpack(TarBuilder().file("a", "").end());
  struct stat top {};
  fstat(fixture.root().fd(), &top);
  CHECK((top.st_mode & 07777) == 0755);
  CHECK(top.st_mtim.tv_sec == 0);
}

TEST_CASE("unpack: names in v7, GNU and pax form, of any length and in UTF-8") {
  std::string longer(200, 'n');
  for (size_t piece : {1u, 7u, 512u, 100000u}) {
    LayerFixture fixture;
    std::string text = TarBuilder(TarForm::v7).file("v7", "1").text();
    text += TarBuilder(TarForm::gnu).gnu_long('L', longer).file("cut", "2").text();
    text += TarBuilder().pax({{"path", "caf\xc3\xa9"}, {"mtime", "1234567890.123456789"}}).file("x", "3").text();
    text += TarBuilder().pax({{"path", "e\xcc\x81 decomposed"}}).file("x", "4").end();
    fixture.unpack(text, {}, piece);
    CHECK(fixture.listing() == "caf\xc3\xa9 644 3\ne\xcc\x81 decomposed 644 4\n" + longer + " 644 2\nv7 644 1\n");
    CHECK(fixture.root().find_stat("caf\xc3\xa9")->st_mtim.tv_nsec == 123456789);
  }
}

TEST_CASE("unpack: a pax name that is not UTF-8 is kept as it is") {
  LayerFixture fixture;
  fixture.unpack(TarBuilder().pax({{"path", "latin\xe9"}}).file("x", "1").end(), {}, 300);
  CHECK(fixture.listing() == "latin\xe9 644 1\n");
}

TEST_CASE("unpack: whiteouts and opaque marks speak of lower layers, wherever they stand") {
  LayerFixture fixture;
  TarBuilder tar;
  tar.file(".wh.gone", "").file("kept", "x").file(".wh.kept", "");
  tar.folder("before/").file("before/a", "a").file("before/.wh..wh..opq", "");
  tar.folder("after/").file("after/.wh..wh..opq", "").file("after/a", "a");
  tar.file(".wh.made-later", "").file("made-later", "y");
  tar.file(".wh.folder-later", "").folder("folder-later/").file("folder-later/a", "a");
  tar.folder("folder-before/").file(".wh.folder-before", "");
  tar.file(".wh..wh.plnk", "").file(".wh.gone", "");
  fixture.unpack(tar.end());
  CHECK(fixture.listing() ==
        "after/ 755 opaque\nafter/a 644 a\n"
        "before/ 755 opaque\nbefore/a 644 a\n"
        "folder-before/ 755 opaque\n"
        "folder-later/ 755 opaque\nfolder-later/a 644 a\n"
        "gone whiteout\n"
        "kept 644 x\n"
        "made-later 644 y\n");
}

TEST_CASE("unpack: of duplicates the last wins") {
  LayerFixture fixture;
  TarBuilder tar;
  tar.file("a", "old").file("a", "new", 0600);
  tar.folder("d/").file("d/x", "x").file("d", "now a file");
  tar.symlink("l", "secret").file("l", "no link");
  tar.file("f", "x").folder("f/").file("f/y", "y");
  tar.folder("twice/", 0700).file("twice/z", "z").folder("twice/", 0711);
  tar.file("h1", "one").hardlink("h2", "h1").file("h1", "two");
  fixture.unpack(tar.end());
  CHECK(fixture.listing() ==
        "a 600 new\nd 644 now a file\nf/ 755\nf/y 644 y\nh1 644 two\nh2 644 one\nl 644 no link\n"
        "twice/ 711\ntwice/z 644 z\n");
}

TEST_CASE("unpack: a layer that lacks what it uses says so") {
  SUBCASE("a parent") {
    LayerFixture fixture;
    UnpackResult result = fixture.unpack(TarBuilder().file("etc/conf", "x").end());
    CHECK_FALSE(result.self_contained);
    CHECK(result.lacks == "etc");
  }
  SUBCASE("a parent that comes later is there") {
    LayerFixture fixture;
    UnpackResult result = fixture.unpack(TarBuilder().file("etc/conf", "x").folder("etc/", 0711).end());
    CHECK(result.self_contained);
    CHECK(fixture.listing() == "etc/ 711\netc/conf 644 x\n");
  }
  SUBCASE("a hard link's target") {
    LayerFixture fixture;
    UnpackResult result = fixture.unpack(TarBuilder().hardlink("a", "usr/b").end());
    CHECK_FALSE(result.self_contained);
    CHECK(result.lacks == "usr/b");
  }
  SUBCASE("an opaque top") {
    LayerFixture fixture;
    CHECK_FALSE(fixture.unpack(TarBuilder().file(".wh..wh..opq", "").end()).self_contained);
  }
}

TEST_CASE("unpack: such a layer is completed from those below it") {
  char name[] = "/tmp/layer-lower.XXXXXX";
  REQUIRE(mkdtemp(name) != nullptr);
  Dir base = Dir::open(name);
  Dir bottom = base.make_dirs("bottom", 0755);
  Dir top = base.make_dirs("top", 0755);
  TextSource bottom_tar(TarBuilder()
                            .folder("usr/", 0751)
                            .folder("usr/lib/", 0711)
                            .file("usr/lib/target", "from below", 0640)
                            .symlink("lib", "usr/lib")
                            .folder("hidden/", 0700)
                            .file("old", "x")
                            .end());
  unpack_layer(bottom_tar, bottom, {});
  TextSource top_tar(TarBuilder().file(".wh.hidden", "").end());
  unpack_layer(top_tar, top, {});
  UnpackOptions options;
  options.lowers = {top.fd(), bottom.fd()};
  options.complete = true;
  {
    LayerFixture fixture;
    TarBuilder tar;
    tar.file("usr/lib/new", "1").file("lib/through", "2").hardlink("linked", "lib/target").file("hidden/x", "3");
    UnpackResult result = fixture.unpack(tar.end(), options);
    CHECK_FALSE(result.self_contained);
    CHECK(result.diff_id == sha256_digest(tar.end()));
    CHECK(fixture.listing() ==
          "hidden/ 755\nhidden/x 644 3\nlinked 640 from below\nusr/ 751\nusr/lib/ 711\nusr/lib/new 644 1\n"
          "usr/lib/target 640 from below\nusr/lib/through 644 2\n");
    CHECK(fixture.root().find_stat("linked")->st_nlink == 2);
    CHECK(fixture.root().find_stat("usr")->st_mtim.tv_sec == 1000000000);
  }
  {
    LayerFixture fixture;
    fixture.unpack(TarBuilder().file("old", "mine").file(".wh..wh..opq", "").end(), options);
    CHECK(fixture.listing() == "lib whiteout\nold 644 mine\nusr whiteout\n");
  }
  {
    LayerFixture fixture;
    std::string text = fixture.refusal(TarBuilder().hardlink("a", "nowhere").end(), options);
    CHECK(text == "entry 'a' at byte 0: it is a hard link to 'nowhere', which no layer has");
  }
  Dir::open("/tmp").remove_tree(std::string(name).substr(5));
}

TEST_CASE("unpack: xattrs of the image's own are set, those of the host's policy left out") {
  LayerFixture fixture;
  TarBuilder tar;
  tar.pax({{"SCHILY.xattr.user.mine", std::string("a\0b", 3)}, {"SCHILY.xattr.security.selinux", "label"}});
  tar.file("f", "x");
  UnpackResult result = fixture.unpack(tar.end());
  char value[10];
  Fd file = fixture.root().open_at("f", O_RDONLY);
  CHECK(fgetxattr(file.get(), "user.mine", value, sizeof value) == 3);
  CHECK(std::string(value, 3) == std::string("a\0b", 3));
  CHECK(result.skipped_xattrs == 1);
}

TEST_CASE("unpack: set-gid folders pass nothing to what is unpacked into them") {
  LayerFixture fixture;
  fixture.unpack(TarBuilder().folder("d/", 02755).file("d/f", "x").folder("d/e/").end());
  CHECK(fixture.listing() == "d/ 2755\nd/e/ 755\nd/f 644 x\n");
}

TEST_CASE("unpack: a sparse file of GNU tar") {
  LayerFixture fixture;
  // One extent of 5 bytes at 8192 in a file of 10000, by pax 1.0: the map lies before the content.
  TarBuilder tar;
  std::string map = "1\n8192\n5\n";
  tar.pax({{"GNU.sparse.major", "1"},
           {"GNU.sparse.minor", "0"},
           {"GNU.sparse.name", "holes"},
           {"GNU.sparse.realsize", "10000"}});
  tar.file("GNUSparseFile.0/holes", map + std::string(512 - map.size(), '\0') + "hello");
  UnpackResult result = fixture.unpack(tar.end());
  std::string content = fixture.root().read_file("holes", 20000);
  CHECK(content.size() == 10000);
  CHECK(content.substr(8192, 6) == std::string("hello\0", 6));
  CHECK(result.bytes == 10000);
}

TEST_CASE("unpack: an archive without an entry is an empty layer") {
  for (const std::string& text : {std::string(1024, '\0'), std::string(10240, '\0'), std::string()}) {
    LayerFixture fixture;
    CHECK(fixture.unpack(text).diff_id == sha256_digest(text));
    CHECK(fixture.listing().empty());
  }
}
