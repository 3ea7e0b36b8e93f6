#include "libcrun/rootfs/mounts.h"

#include <doctest/doctest.h>

#include "crun/error.h"

using namespace crun;
using namespace crun::rootfs;

namespace {

MountStep plan(const spec::Mount& mount, const std::string& label = "") {
  MountContext context{"/bundle", false, nullptr, nullptr, label};
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

TEST_CASE("linux.mountLabel: the context of what is made, but not of the kernel's own file systems or of binds") {
  const std::string label = "system_u:object_r:container_file_t:s0:c1,c2";
  auto has_context = [&](const std::string& type) {
    MountStep step = plan({"/x", type, "", {}, {}, {}}, label);
    return !step.parameters.empty() && step.parameters.back() == Parameter{"context", label, false, {}};
  };
  for (const char* type : {"tmpfs", "devpts", "overlay", "ext4"}) CHECK(has_context(type));
  for (const char* type : {"sysfs", "cgroup", "mqueue"}) CHECK_FALSE(has_context(type));
  CHECK_FALSE(plan({"/proc", "proc", "", {}, {}, {}}, label).parameters.size() > 0);
  CHECK(plan({"/x", "mqueue", "", {}, {}, {}}, label).label == label);
  CHECK(plan({"/x", "tmpfs", "", {}, {}, {}}, label).old_data == "context=\"" + label + "\"");
  // One of the mount's own wins.
  CHECK(plan({"/x", "tmpfs", "", {"context=a:b:c:d"}, {}, {}}, label).parameters.size() == 1);
}
