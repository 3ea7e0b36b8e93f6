#include "libcrun/rdt/rdt.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "crun/error.h"
#include "tests/unit/scratch.h"

using namespace crun;
using namespace crun::rdt;
using testing::Scratch;

namespace {

void put(const std::string& path, const std::string& text) {
  Fd file(checked(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path));
  write_all(file.get(), text, path);
}

bool exists(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

}  // namespace

// config-linux.md "IntelRdt", its rules in their order.
TEST_CASE("l3CacheSchema first and memBwSchema last; schemata after both") {
  Plan both = plan({"", {}, "L3:0=f", "MB:0=20;1=70", false}, "c1");
  CHECK(both.schemata == std::vector<std::string>{"L3:0=f\nMB:0=20;1=70\n"});
  CHECK(plan({"", {}, "", "MB:0=20", false}, "c1").schemata == std::vector<std::string>{"MB:0=20\n"});
  Plan all = plan({"guaranteed_group", {"L3:0=7f0;1=1f", "L2:0=f"}, "L3:0=f", "", false}, "c1");
  CHECK(all.schemata == std::vector<std::string>{"L3:0=f\n", "L3:0=7f0;1=1f\nL2:0=f\n"});
}

TEST_CASE("without any schema nothing is written to schemata") {
  CHECK(plan({"", {}, "", "", true}, "c1").schemata.empty());
}

TEST_CASE("closID: the container's id where it is not set, made anew and removed with the container") {
  Plan own = plan({"", {}, "", "", false}, "c1");
  CHECK(own.group == "c1");
  CHECK(own.existence == Existence::must_be_new);
  CHECK(own.removed_with_container);
  CHECK(own.compared.empty());
}

TEST_CASE("closID: made where it is missing and there is a schema, else it must be there; never removed") {
  Plan made = plan({"gold", {}, "L3:0=f", "MB:0=10", false}, "c1");
  CHECK(made.group == "gold");
  CHECK(made.existence == Existence::may_exist);
  CHECK(made.compared == std::vector<std::string>{"L3:0=f", "MB:0=10"});
  CHECK_FALSE(made.removed_with_container);
  CHECK(plan({"gold", {"L3:0=f"}, "", "", false}, "c1").existence == Existence::may_exist);
  CHECK(plan({"gold", {}, "", "", false}, "c1").existence == Existence::must_exist);
}

TEST_CASE("closID /: the default class") {
  Plan root = plan({"/", {}, "", "", true}, "c1");
  CHECK(root.group.empty());
  CHECK(root.existence == Existence::must_exist);
  CHECK_FALSE(root.removed_with_container);
  CHECK(root.monitoring == "mon_groups/c1");
  CHECK(group_of(root, "/sys/fs/resctrl").tasks ==
        std::vector<std::string>{"/sys/fs/resctrl/tasks", "/sys/fs/resctrl/mon_groups/c1/tasks"});
}

TEST_CASE("enableMonitoring: a group of the container's id below the class, always removed") {
  Plan monitored = plan({"gold", {}, "", "", true}, "c1");
  CHECK(monitored.monitoring == "gold/mon_groups/c1");
  CHECK(group_of(monitored, "/r").removed == std::vector<std::string>{"/r/gold/mon_groups/c1"});
  CHECK(group_of(plan({"", {}, "", "", true}, "c1"), "/r").removed ==
        std::vector<std::string>{"/r/c1/mon_groups/c1", "/r/c1"});
}

TEST_CASE("an existing class's values are compared as numbers are") {
  const char* file = "    MB:0=100;1= 50\n    L3:0=0007f0;1=fff\n";
  CHECK(has_schema(file, "L3:0=7F0"));
  CHECK(has_schema(file, "L3:1=fff;0=7f0"));
  CHECK(has_schema(file, "MB:1=50"));
  CHECK_FALSE(has_schema(file, "L3:0=7f1"));
  CHECK_FALSE(has_schema(file, "L3:2=7f0"));
  CHECK_FALSE(has_schema(file, "L2:0=7f0"));
}

TEST_CASE("where resctrl is mounted") {
  CHECK(find_mount_point("1 2 0:3 / /sys rw - sysfs sysfs rw\n9 1 0:40 / /sys/fs/resctrl rw - resctrl resctrl rw\n") ==
        "/sys/fs/resctrl");
  CHECK_FALSE(find_mount_point("1 2 0:3 / /sys rw - sysfs resctrl rw\n").has_value());
}

// On a plain folder: its groups get no files of their own, so the test puts them there.
TEST_CASE("a class is made, written, joined and removed") {
  Scratch resctrl;
  Dir root = Dir::open(resctrl.path());
  Plan own = plan({"", {"L3:0=f"}, "", "MB:0=10", false}, "c1");
  CHECK(make_folders(own, root) == std::vector<std::string>{"c1"});
  put(resctrl.path() + "/c1/schemata", "");
  put(resctrl.path() + "/c1/tasks", "");
  write_schemata(own, root);
  // Each write begins where the file does: what stands there is the last.
  CHECK(read_path(resctrl.path() + "/c1/schemata").substr(0, 7) == "L3:0=f\n");
  Group group = group_of(own, resctrl.path());
  add(group.tasks, 1234);
  CHECK(read_path(resctrl.path() + "/c1/tasks") == "1234");
  unlinkat(root.fd(), "c1/schemata", 0);
  unlinkat(root.fd(), "c1/tasks", 0);
  remove(group.removed);
  CHECK_FALSE(exists(resctrl.path() + "/c1"));
  remove(group.removed);
}

TEST_CASE("a class that is there already: refused, compared or used") {
  Scratch resctrl;
  Dir root = Dir::open(resctrl.path());
  mkdirat(root.fd(), "gold", 0755);
  put(resctrl.path() + "/gold/schemata", "    L3:0=f;1=f\n");
  CHECK_THROWS_AS(make_folders(plan({"", {}, "", "", false}, "gold"), root), Error);
  CHECK(make_folders(plan({"gold", {}, "L3:0=f", "", false}, "c1"), root).empty());
  CHECK_THROWS_AS(make_folders(plan({"gold", {}, "L3:0=1", "", false}, "c1"), root), Error);
  CHECK(make_folders(plan({"gold", {}, "", "", false}, "c1"), root).empty());
  CHECK_THROWS_AS(make_folders(plan({"silver", {}, "", "", false}, "c1"), root), Error);
  CHECK_FALSE(exists(resctrl.path() + "/silver"));
}

TEST_CASE("what was made is removed where the rest fails") {
  Scratch resctrl;
  // No mon_groups in a plain folder.
  CHECK_THROWS_AS(make(plan({"", {}, "", "", true}, "c1"), resctrl.path()), SysError);
  CHECK_FALSE(exists(resctrl.path() + "/c1"));
  // No schemata either.
  CHECK_THROWS_AS(make(plan({"gold", {"L3:0=f"}, "", "", false}, "c1"), resctrl.path()), SysError);
  CHECK_FALSE(exists(resctrl.path() + "/gold"));
}
