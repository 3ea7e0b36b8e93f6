#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/image/layer/layer_fixture.h"

using namespace crun;
using namespace crun::layer;

namespace {

std::string tar_of(const Dir& dir, const TarOptions& options = {}) {
  StringSink out;
  write_layer_tar(dir, out, options);
  return out.text;
}

}  // namespace

TEST_CASE("diff: what was unpacked becomes the same tree again, and the same tar") {
  std::string longer(150, 'n');
  TarBuilder tar;
  tar.folder("usr/", 0751).folder("usr/bin/", 01777).file("usr/bin/tool", "content", 04755).file("empty", "", 0400);
  tar.symlink("link", "/usr/bin/tool").hardlink("usr/hard", "usr/bin/tool").add({"pipe", '6'});
  tar.file(".wh.gone", "").folder("opaque/").file("opaque/.wh..wh..opq", "").file("opaque/x", std::string(1000, 'x'));
  tar.pax({{"path", "usr/" + longer}}).file("x", "long");
  tar.pax({{"path", "caf\xc3\xa9/"}}).folder("x");
  tar.pax({{"linkpath", std::string(300, 'l')}}).symlink("longlink", "x");
  tar.pax({{"SCHILY.xattr.user.a", std::string("\0\n=", 3)}}).file("attributed", "y");
  LayerFixture first;
  first.unpack(tar.end());
  std::string text = tar_of(first.root());
  LayerFixture second;
  CHECK(second.unpack(text, {}, 777).diff_id == layer_digest(first.root()).diff_id);
  CHECK(second.listing() == first.listing());
  CHECK(tar_of(second.root()) == text);
  CHECK(text.size() % 512 == 0);
}

TEST_CASE("diff: order, and what is left out") {
  LayerFixture fixture;
  fixture.unpack(TarBuilder().folder("b/").file("b/z", "1").file("b/a", "2").file("a", "3").file("b.c", "4").end());
  Fd socket_fd(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  snprintf(address.sun_path, sizeof address.sun_path, "%s/root/socket", fixture.path().c_str());
  REQUIRE(bind(socket_fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  Dir folder = fixture.root().open_dir("b");
  fsetxattr(folder.fd(), "user.overlay.origin", "x", 1, 0);
  TextSource source(tar_of(fixture.root()));
  TarReader reader(source, nullptr);
  std::vector<std::string> names;
  TarEntry entry;
  while (reader.next(entry)) {
    names.push_back(entry.path);
    CHECK(entry.xattrs.empty());
  }
  CHECK(names == std::vector<std::string>{"a", "b/", "b/a", "b/z", "b.c"});
}

TEST_CASE("diff: its bytes are a promise") {
  LayerFixture fixture;
  TarBuilder tar;
  auto add = [&](TarMember member) {
    member.uid = geteuid();
    tar.add(member);
  };
  add({"d/", '5', {}, {}, 0755});
  add({"d/f", '0', "content"});
  fixture.unpack(tar.end());
  std::string text = tar_of(fixture.root());
  CHECK(text == tar.end());
}

TEST_CASE("diff: a file that an image cannot hold is refused by name") {
  LayerFixture fixture;
  fixture.root().open_at(".wh.x", O_WRONLY | O_CREAT, 0644);
  CHECK_THROWS_WITH_AS(tar_of(fixture.root()), doctest::Contains("'.wh.x': a name that begins with '.wh.'"), Error);
}

TEST_CASE("diff: times are clamped") {
  LayerFixture fixture;
  fixture.unpack(TarBuilder().file("a", "x").end());
  TarOptions options;
  options.clamp = 5;
  CHECK(tar_of(fixture.root(), options).substr(136, 11) == "00000000005");
}
