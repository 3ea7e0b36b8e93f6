// engine/spec/user: every form of -u and USER.
#include "engine/spec/user.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir.h"
#include "crun/error.h"

using namespace crun;
using namespace crun::engine;

namespace {

const std::string kPasswd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "broken line\n"
    "wrap:x:4294967296:0::/:\n"
    "app:x:1000:1001:App:/home/app:/bin/sh\n"
    "1234:x:77:78::/digits:\n"
    "2147483648:x:0:0::/:\n"
    "4294967296:x:0:0::/:\n"
    "-1:x:0:0::/:\n";
const std::string kGroup =
    "root:x:0:\nstaff:x:50:app,other\nwheel:x:10:root,app\nappgroup:x:1001:app\n99:x:7:\n2147483648:x:0:\n";

ResolvedUser user(const std::string& text) { return resolve_user(kPasswd, kGroup, text); }

}  // namespace

TEST_CASE("names, numbers and their groups") {
  CHECK(user("").uid == 0);
  CHECK(user("").home == "/root");
  CHECK(user("").groups == std::vector<uint32_t>{10});
  CHECK(user("app").uid == 1000);
  CHECK(user("app").gid == 1001);
  CHECK(user("app").home == "/home/app");
  CHECK(user("app").groups == std::vector<uint32_t>{50, 10});
  CHECK(user("1000").gid == 1001);
  CHECK(user("1000").groups == std::vector<uint32_t>{50, 10});
  CHECK(user("4242").uid == 4242);
  CHECK(user("4242").gid == 0);
  CHECK(user("4242").groups.empty());
  CHECK(user("4242").home == "/");
}

TEST_CASE("a group given takes the place of all others") {
  CHECK(user("app:staff").gid == 50);
  CHECK(user("app:staff").groups.empty());
  CHECK(user("app:7777").gid == 7777);
  CHECK(user("1000:0").uid == 1000);
  CHECK(user("1000:0").gid == 0);
}

TEST_CASE("a name of digits wins over the number") {
  CHECK(user("1234").uid == 77);
  CHECK(user("0:99").gid == 7);
}

TEST_CASE("what is neither a name nor a number of 31 bits is refused, never root") {
  for (const char* text :
       {"2147483648", "4294967296", "4294967295", "99999999999999999999", "-1", "+1000", " 1000", "1000x", "0x10",
        "nobody", ":", "1000:", ":1000", "a:b", "app:b", "app:staff:x", "wrap", "app:2147483648"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(user(text), Error);
  }
}

TEST_CASE("files of the image are read bounded and only where they are files") {
  char path[] = "/tmp/user_test.XXXXXX";
  REQUIRE(mkdtemp(path) != nullptr);
  Dir root = Dir::open(path);
  CHECK(resolve_user(root, "").uid == 0);
  root.make_dirs("etc", 0755);
  REQUIRE(mkfifoat(root.fd(), "etc/passwd", 0600) == 0);
  CHECK_THROWS_AS(resolve_user(root, "app"), Error);
  REQUIRE(unlinkat(root.fd(), "etc/passwd", 0) == 0);
  root.open_dir("etc").replace_file("passwd", std::string(5 << 20, 'x'), 0644, false);
  CHECK_THROWS_AS(resolve_user(root, "app"), Error);
  root.open_dir("etc").replace_file("passwd", kPasswd, 0644, false);
  CHECK(resolve_user(root, "app").uid == 1000);
  // A link that leaves the root stays within it.
  REQUIRE(unlinkat(root.fd(), "etc/passwd", 0) == 0);
  REQUIRE(symlinkat("/etc/shadow-of-the-root", root.fd(), "etc/passwd") == 0);
  CHECK_THROWS_AS(resolve_user(root, "app"), Error);
  Dir::open("/tmp").remove_tree(path + 5);
}
