#include "libcrun/rootfs/devices.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "crun/error.h"

using namespace crun;
using namespace crun::rootfs;

namespace {

const DeviceStep* find(const std::vector<DeviceStep>& steps, const std::string& path) {
  auto found = std::find_if(steps.begin(), steps.end(), [&](const DeviceStep& step) { return step.path == path; });
  return found == steps.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("config-linux.md, default devices") {
  std::vector<DeviceStep> steps = plan_devices({});
  REQUIRE(steps.size() == 6);
  const DeviceStep* null = find(steps, "/dev/null");
  REQUIRE(null != nullptr);
  CHECK(null->device == makedev(1, 3));
  CHECK(null->mode == (S_IFCHR | 0666));
  CHECK(null->folder == "/dev");
  CHECK(null->name == "null");
  REQUIRE(find(steps, "/dev/tty") != nullptr);
  CHECK(find(steps, "/dev/tty")->device == makedev(5, 0));
}

TEST_CASE("a device of the spec wins over the default of that path") {
  spec::Device device;
  device.path = "/dev/null";
  device.major = 1;
  device.minor = 5;
  device.file_mode = 0600;
  device.uid = 7;
  std::vector<DeviceStep> steps = plan_devices({device});
  CHECK(steps.size() == 6);
  CHECK(find(steps, "/dev/null")->device == makedev(1, 5));
  CHECK(find(steps, "/dev/null")->mode == (S_IFCHR | 0600));
  CHECK(find(steps, "/dev/null")->uid == 7);
}

TEST_CASE("types, and a path that names no file") {
  spec::Device device;
  device.path = "/dev/sub/disk";
  device.type = spec::DeviceType::block;
  CHECK(plan_devices({device}).back().mode == (S_IFBLK | 0666));
  CHECK(plan_devices({device}).back().folder == "/dev/sub");
  device.type = spec::DeviceType::fifo;
  CHECK((plan_devices({device}).back().mode & S_IFMT) == S_IFIFO);
  device.path = "/dev/";
  CHECK_THROWS_AS(plan_devices({device}), Error);
  device.path = "/dev/..";
  CHECK_THROWS_AS(plan_devices({device}), Error);
}
