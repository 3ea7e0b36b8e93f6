#include "libcrun/rootfs/mounts.h"

#include <doctest/doctest.h>

#include "crun/error.h"

using namespace crun;
using namespace crun::rootfs;

namespace {

MountStep plan(const spec::Mount& mount) {
  MountContext context{"/bundle", false, nullptr, nullptr};
  return std::move(plan_mounts({mount}, context)[0]);
}

}  // namespace

TEST_CASE("cgroup of any version is the one hierarchy, without v1's options") {
  MountStep step = plan({"/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "ro", "memory"}, {}, {}});
  CHECK(step.kind == MountKind::filesystem);
  CHECK(step.type == "cgroup2");
  CHECK(step.parameters.empty());
  CHECK((step.top.set & MOUNT_ATTR_RDONLY) != 0);
}

TEST_CASE("proc, sysfs and /dev must be real folders") {
  CHECK(plan({"/proc", "proc", "proc", {}, {}, {}}).no_symlinks);
  CHECK(plan({"/sys", "sysfs", "sysfs", {}, {}, {}}).no_symlinks);
  CHECK(plan({"/dev/", "tmpfs", "tmpfs", {}, {}, {}}).no_symlinks);
  CHECK_FALSE(plan({"/data", "tmpfs", "tmpfs", {}, {}, {}}).no_symlinks);
}

TEST_CASE("a tmpfs without a mode takes that of what it covers") {
  CHECK(plan({"/tmp", "tmpfs", "tmpfs", {}, {}, {}}).inherit_mode);
  CHECK_FALSE(plan({"/tmp", "tmpfs", "tmpfs", {"mode=1777"}, {}, {}}).inherit_mode);
}

TEST_CASE("the superblock of a device is told to be read-only, a kernel's own is not") {
  CHECK(plan({"/x", "ext4", "/dev/sda", {"ro"}, {}, {}}).parameters ==
        std::vector<Parameter>{{"ro", "", true, MS_RDONLY}});
  CHECK(plan({"/sys", "sysfs", "sysfs", {"ro"}, {}, {}}).parameters.empty());
}

TEST_CASE("mount(2)'s form of the same") {
  MountStep step = plan({"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=1k"}, {}, {}});
  CHECK(step.old_flags == (MS_NOSUID | MS_STRICTATIME));
  CHECK(step.old_data == "mode=755,size=1k");
  CHECK_FALSE(step.by_path);
  MountStep sync = plan({"/x", "tmpfs", "tmpfs", {"sync", "rw", "noatime", "size=1k", "nosymfollow"}, {}, {}});
  CHECK(sync.old_flags == (MS_SYNCHRONOUS | MS_NOATIME | MS_NOSYMFOLLOW));
  CHECK(sync.old_flags_cleared == (MS_RDONLY | MS_NOATIME | MS_STRICTATIME));
  CHECK(sync.old_data == "size=1k");
  CHECK(plan({"/x", "tmpfs", "tmpfs", {"iversion"}, {}, {}}).by_path);
  CHECK(plan({"/x", "tmpfs", "tmpfs", {"context=a:b:c:s0:c1,c2"}, {}, {}}).old_data == "context=\"a:b:c:s0:c1,c2\"");
}

TEST_CASE("a remount of a bind mount leaves its file system alone") {
  CHECK(plan({"/x", "", "", {"bind", "remount", "size=1k"}, {}, {}}).parameters.empty());
  CHECK(plan({"/x", "", "", {"remount", "size=1k"}, {}, {}}).parameters.size() == 1);
}

TEST_CASE("destinations and sources that cannot be") {
  CHECK_THROWS_AS(plan({"/", "tmpfs", "tmpfs", {}, {}, {}}), Error);
  CHECK_THROWS_AS(plan({"/a/..", "tmpfs", "tmpfs", {}, {}, {}}), Error);
  CHECK_THROWS_AS(plan({"/data", "bind", "", {"bind"}, {}, {}}), Error);
  CHECK_THROWS_AS(plan({"/data", "bind", "/does/not/exist", {"bind"}, {}, {}}), SysError);
}
