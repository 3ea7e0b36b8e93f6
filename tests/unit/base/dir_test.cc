#include "base/dir.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "crun/error.h"

using crun::Dir;
using crun::Error;
using crun::ErrorKind;
using crun::Fd;
using crun::Resolve;
using crun::SysError;

namespace {

// A folder with a secret beside the Dir under test, so that an escape can be seen.
class Fixture {
 public:
  Fixture() {
    char name[] = "/tmp/dir-test.XXXXXX";
    path_ = mkdtemp(name);
    outer_ = Dir::open(path_);
    mkdirat(outer_.fd(), "inside", 0755);
    outer_.replace_file("secret", "host", 0600, false);
    dir = outer_.open_dir("inside");
  }
  ~Fixture() {
    for (const std::string& name : outer_.list()) outer_.remove_tree(name);
    rmdir(path_.c_str());
  }
  Dir dir;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Dir outer_;
};

void link_to(const Dir& dir, const char* target, const char* name) { REQUIRE(symlinkat(target, dir.fd(), name) == 0); }

}  // namespace

TEST_CASE("a path that climbs out stays in the root, or is refused") {
  Fixture fixture;
  CHECK_THROWS_AS(fixture.dir.open_at("../secret", O_RDONLY), SysError);
  CHECK_THROWS_AS(fixture.dir.open_at("../secret", O_RDONLY, 0, Resolve::beneath), SysError);
  link_to(fixture.dir, "../secret", "relative");
  link_to(fixture.dir, (fixture.path() + "/secret").c_str(), "absolute");
  for (Resolve how : {Resolve::in_root, Resolve::beneath, Resolve::no_symlinks}) {
    CHECK_THROWS_AS(fixture.dir.open_at("relative", O_RDONLY, 0, how), SysError);
    CHECK_THROWS_AS(fixture.dir.open_at("absolute", O_RDONLY, 0, how), SysError);
  }
}

TEST_CASE("absolute links are walked from the root of the Dir") {
  Fixture fixture;
  fixture.dir.replace_file("file", "inner", 0600, false);
  link_to(fixture.dir, "/file", "link");
  CHECK(fixture.dir.read_file("/link", 100) == "inner");
  CHECK_THROWS_AS(fixture.dir.read_file("link", 100, Resolve::no_symlinks), SysError);
}

TEST_CASE("folders are made below the root even where a link points out") {
  Fixture fixture;
  link_to(fixture.dir, "/etc", "out");
  mkdirat(fixture.dir.fd(), "etc", 0755);
  fixture.dir.make_dirs("out/made/deep", 0755);
  CHECK(fixture.dir.find_at("etc/made/deep", O_PATH).has_value());
  CHECK(access("/etc/made", F_OK) != 0);
  link_to(fixture.dir, "/nowhere", "dangling");
  CHECK_THROWS_AS(fixture.dir.make_dirs("dangling/x", 0755), SysError);
}

TEST_CASE("absence is told apart from failure") {
  Fixture fixture;
  fixture.dir.replace_file("file", "x", 0600, false);
  CHECK_FALSE(fixture.dir.find_at("none", O_RDONLY).has_value());
  CHECK_FALSE(fixture.dir.find_at("file/none", O_RDONLY).has_value());
  link_to(fixture.dir, "loop", "loop");
  CHECK_THROWS_AS(fixture.dir.find_at("loop", O_RDONLY), SysError);
}

TEST_CASE("a tree is removed without following its links") {
  Fixture fixture;
  Dir deep = fixture.dir.make_dirs("tree/a/b/c", 0755);
  deep.replace_file("file", "x", 0600, false);
  link_to(deep, fixture.path().c_str(), "up");
  fixture.dir.remove_tree("tree");
  CHECK(fixture.dir.list().empty());
  CHECK(access((fixture.path() + "/secret").c_str(), F_OK) == 0);
  CHECK_NOTHROW(fixture.dir.remove_tree("tree"));
}

TEST_CASE("a tree far deeper than there are descriptors is removed") {
  Fixture root;
  constexpr int kDepth = 3000;
  Dir deepest = root.dir.make_dirs("deep", 0700);
  for (int level = 0; level < kDepth; ++level) {
    REQUIRE(mkdirat(deepest.fd(), "d", 0700) == 0);
    if (level % 500 == 0) REQUIRE(mkdirat(deepest.fd(), "beside", 0700) == 0);
    deepest = deepest.open_dir("d");
  }
  deepest.open_at("file", O_WRONLY | O_CREAT, 0600);
  deepest = Dir();
  rlimit old_limit{};
  getrlimit(RLIMIT_NOFILE, &old_limit);
  rlimit limit{128, old_limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &limit);
  CHECK_NOTHROW(root.dir.remove_tree("deep"));
  setrlimit(RLIMIT_NOFILE, &old_limit);
  CHECK_FALSE(root.dir.find_stat("deep"));
}

TEST_CASE("a fifo or an oversized file is an error, not a hang") {
  Fixture fixture;
  REQUIRE(mkfifoat(fixture.dir.fd(), "fifo", 0600) == 0);
  CHECK_THROWS_AS(fixture.dir.read_file("fifo", 100), Error);
  fixture.dir.replace_file("big", std::string(101, 'x'), 0600, false);
  CHECK_THROWS_AS(fixture.dir.read_file("big", 100), Error);
}

TEST_CASE("parent_of refuses what names no entry") {
  Fixture fixture;
  for (const char* path : {"", "/", ".", "..", "a/..", "a/."}) CHECK_THROWS_AS(fixture.dir.parent_of(path), Error);
  CHECK(fixture.dir.parent_of("x/").name == "x");
}

TEST_CASE("a NUL in a path is refused") {
  Fixture fixture;
  CHECK_THROWS_AS(fixture.dir.open_at(std::string_view("a\0b", 3), O_RDONLY), Error);
}
