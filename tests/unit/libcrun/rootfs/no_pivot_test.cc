#include "libcrun/rootfs/no_pivot.h"

#include <doctest/doctest.h>

using namespace crun::rootfs;

TEST_CASE("procfs and sysfs of the host, but none of the container's root") {
  const char* mountinfo =
      "22 28 0:21 / /sys rw,nosuid - sysfs sysfs rw\n"
      "23 28 0:22 / /proc rw,nosuid shared:13 master:1 - proc proc rw\n"
      "24 28 0:22 / /with\\040blank/proc\\134 rw - proc proc rw\n"
      "25 28 0:5 / /dev rw - devtmpfs proc rw\n"
      "26 28 0:30 / /bundle/rootfs rw - ext4 /dev/vda rw\n"
      "27 26 0:31 / /bundle/rootfs/proc rw - proc proc rw\n"
      "28 26 0:31 / /bundle/rootfs2/proc rw - proc proc rw\n";
  CHECK(kernel_mounts(mountinfo, "/bundle/rootfs") ==
        std::vector<std::string>{"/sys", "/proc", "/with blank/proc\\", "/bundle/rootfs2/proc"});
  CHECK(kernel_mounts("", "/x").empty());
  CHECK(kernel_mounts("garbage", "/x").empty());
}
