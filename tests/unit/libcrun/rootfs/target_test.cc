#include "libcrun/rootfs/target.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "crun/fd.h"
#include "tests/unit/scratch.h"

using namespace crun;
using namespace crun::rootfs;

namespace {

struct Root {
  testing::Scratch scratch;
  std::string path = scratch.path() + "/root";
  Dir dir = Dir::open_or_make(path, 0755);

  int make(const char* target, TargetKind kind = TargetKind::folder, bool no_symlinks = false) const {
    int fd = open_or_make_target(dir.fd(), TargetRequest{target, kind, no_symlinks});
    if (fd >= 0) close(fd);
    return fd < 0 ? fd : 0;
  }
  void link(const char* to, const char* name) const { REQUIRE(symlinkat(to, dir.fd(), name) == 0); }
  bool is_folder(const char* name) const {
    struct stat status {};
    return lstat((path + "/" + name).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  }
};

}  // namespace

TEST_CASE("folders and files are made with their parents") {
  Root root;
  CHECK(root.make("/a/b//c") == 0);
  CHECK(root.is_folder("a/b/c"));
  CHECK(root.make("/etc/hosts", TargetKind::file) == 0);
  struct stat status {};
  CHECK(stat((root.path + "/etc/hosts").c_str(), &status) == 0);
  CHECK(S_ISREG(status.st_mode));
  CHECK(root.make("/a/b/c") == 0);  // and again, when they are there
}

TEST_CASE("links lead nowhere but into the root") {
  Root root;
  root.link("/", "top");
  root.link("../../../../..", "up");
  CHECK(root.make("/top/made") == 0);
  CHECK(root.is_folder("made"));
  CHECK(root.make("/up/etc2") == 0);
  CHECK(root.is_folder("etc2"));
  CHECK(root.make("/../../beside") == 0);
  CHECK(root.is_folder("beside"));
  CHECK_FALSE(root.scratch.path().empty());
  CHECK(access((root.scratch.path() + "/beside").c_str(), F_OK) != 0);
}

TEST_CASE("a link to nothing is followed to where it points, within the root") {
  Root root;
  root.link("/run/shm", "shm");
  root.link("../outside", "relative");
  CHECK(root.make("/shm/sub") == 0);
  CHECK(root.is_folder("run/shm/sub"));
  CHECK(root.make("/relative") == 0);
  CHECK(root.is_folder("outside"));
  CHECK(access((root.scratch.path() + "/outside").c_str(), F_OK) != 0);
}

TEST_CASE("a circle of links ends") {
  Root root;
  root.link("b", "a");
  root.link("a", "b");
  CHECK(root.make("/a/x") == -ELOOP);
}

TEST_CASE("where links are refused, any is") {
  Root root;
  root.link("real", "proc");
  CHECK(root.make("/real") == 0);
  CHECK(root.make("/proc", TargetKind::folder, true) == -ELOOP);
  CHECK(root.make("/proc/x", TargetKind::folder, true) == -ELOOP);
  CHECK(root.make("/real", TargetKind::folder, true) == 0);
}

TEST_CASE("a file in the way, and names beyond the limits") {
  Root root;
  CHECK(root.make("/file", TargetKind::file) == 0);
  CHECK(root.make("/file/below") == -ENOTDIR);
  CHECK(root.make(std::string("/" + std::string(300, 'x')).c_str()) == -ENAMETOOLONG);
  std::string deep;
  for (int i = 0; i < 3000; ++i) deep += "/d";
  CHECK(root.make(deep.c_str()) == -ENAMETOOLONG);
}
