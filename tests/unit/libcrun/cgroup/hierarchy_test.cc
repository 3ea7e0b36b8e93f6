#include "libcrun/cgroup/hierarchy.h"

#include <doctest/doctest.h>

#include "crun/error.h"

namespace crun::cgroup {
namespace {

constexpr std::string_view kPlain =
    "23 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr std::string_view kHybrid =
    "31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

std::string path(std::string own, std::string_view asked, std::string_view id = "c1") {
  return Hierarchy(Dir(), {"/sys/fs/cgroup", std::move(own)}).container_path(asked, id);
}

TEST_CASE("the hierarchy of plain and of hybrid hosts") {
  CHECK(Hierarchy::locate(kPlain, "0::/user.slice/a\n").mount_point == "/sys/fs/cgroup");
  CHECK(Hierarchy::locate(kPlain, "0::/user.slice/a\n").own_path == "/user.slice/a");
  CHECK(Hierarchy::locate(kHybrid, "3:cpu:/x\n0::/y\n").mount_point == "/sys/fs/cgroup/unified");
  CHECK(Hierarchy::locate(kHybrid, "3:cpu:/x\n0::/y\n").own_path == "/y");
  CHECK_THROWS_AS(Hierarchy::locate("23 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "0::/\n"), Error);
}

TEST_CASE("one that is mounted over a hybrid host's folder counts") {
  std::string text(kHybrid);
  text += "50 23 0:38 / /sys/fs/cgroup rw - cgroup2 none rw\n";
  CHECK(Hierarchy::locate(text, "0::/\n").mount_point == "/sys/fs/cgroup");
}

TEST_CASE("a mount of a part of the hierarchy, and odd names") {
  constexpr std::string_view kPart = "31 23 0:28 /docker/x /mnt/a\\040b rw - cgroup2 cgroup2 rw\n";
  CHECK(Hierarchy::locate(kPart, "0::/docker/x/y\n").own_path == "/y");
  CHECK(Hierarchy::locate(kPart, "0::/docker/x\n").own_path == "/");
  CHECK(Hierarchy::locate(kPart, "0::/docker/xyz\n").own_path == "/");
  CHECK(Hierarchy::locate(kPart, "0::/\n").mount_point == "/mnt/a b");
}

TEST_CASE("a container's path") {
  CHECK(path("/user.slice/s", "/a//b/") == "/a/b");
  CHECK(path("/user.slice/s", "a/./b") == "/user.slice/a/b");
  CHECK(path("/user.slice/s", "") == "/user.slice/c1");
  CHECK(path("/s", "") == "/c1");
  CHECK(path("/", "") == "/c1");
  CHECK_THROWS_AS(path("/", "/"), Error);
  CHECK_THROWS_AS(path("/", "/a/../b"), Error);
  CHECK_THROWS_AS(path("/", "system.slice:ctr:c1"), Error);
}

}  // namespace
}  // namespace crun::cgroup
