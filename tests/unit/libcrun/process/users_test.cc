#include "libcrun/process/users.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

using namespace crun;
using namespace crun::process;

TEST_CASE("the home of a user") {
  constexpr const char* kPasswd =
      "root:x:0:0:root:/root:/bin/sh\nshort:x:5\n\nuser:x:1000:1000::/home/user:/bin/sh\nnone:x:7:7:::\n";
  CHECK(find_home_in(kPasswd, 0) == "/root");
  CHECK(find_home_in(kPasswd, 1000) == "/home/user");
  CHECK(find_home_in(kPasswd, 5) == std::nullopt);
  CHECK(find_home_in(kPasswd, 7) == std::nullopt);
  CHECK(find_home_in("user:x:1000:1000::/last", 1000) == "/last");
}

TEST_CASE("a passwd that is a fifo, missing or huge costs neither time nor memory") {
  testing::Scratch scratch;
  Dir root = Dir::open(scratch.path());
  CHECK(find_home(root, 0) == std::nullopt);
  REQUIRE(mkdirat(root.fd(), "etc", 0755) == 0);
  REQUIRE(mkfifoat(root.fd(), "etc/passwd", 0644) == 0);
  CHECK(find_home(root, 0) == std::nullopt);
  REQUIRE(unlinkat(root.fd(), "etc/passwd", 0) == 0);
  Fd file(openat(root.fd(), "etc/passwd", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  REQUIRE(ftruncate(file.get(), 1L << 30) == 0);
  CHECK(find_home(root, 0) == std::nullopt);
}
