#include <doctest/doctest.h>
#include <sched.h>

#include "libcrun/ns/id_maps.h"
#include "libcrun/ns/namespaces.h"
#include "libcrun/ns/time_offsets.h"
#include "tests/unit/scratch.h"

using namespace crun;
using namespace crun::ns;

TEST_CASE("an id inside has one outside, or none") {
  std::vector<spec::IdMapping> mappings = {{0, 1000, 1}, {1, 100000, 65535}};
  CHECK(host_id(mappings, 0) == 1000);
  CHECK(host_id(mappings, 1) == 100000);
  CHECK(host_id(mappings, 65535) == 165534);
  CHECK(!host_id(mappings, 65536));
  CHECK(!host_id({}, 0));
}

TEST_CASE("who writes the maps") {
  IdMaps own{{{0, 1000, 1}}, {{0, 100, 1}}};
  CHECK(writer_of(own, true, 1000, 100) == MapWriter::us);
  CHECK(writer_of(own, false, 1000, 100) == MapWriter::us_single);
  CHECK(writer_of(own, false, 1001, 100) == MapWriter::shadow_helpers);
  CHECK(writer_of(own, false, 1000, 101) == MapWriter::shadow_helpers);
  IdMaps many{{{0, 1000, 1}, {1, 100000, 65536}}, {{0, 100, 1}}};
  CHECK(writer_of(many, false, 1000, 100) == MapWriter::shadow_helpers);
}

TEST_CASE("our own map is read as the kernel writes it") {
  std::vector<spec::IdMapping> mappings = read_id_map("/proc/self/uid_map");
  REQUIRE(!mappings.empty());
  CHECK(mappings[0].size > 0);
  testing::Scratch scratch;
  std::string file = scratch.path() + "/uid_map";
  Dir::open(scratch.path())
      .replace_file("uid_map", "         0       1000          1\n         1     100000      65536\n", 0600, false);
  CHECK(read_id_map(file) == std::vector<spec::IdMapping>{{0, 1000, 1}, {1, 100000, 65536}});
}

TEST_CASE("time offsets as time_namespaces(7) has them") {
  spec::TimeOffsets offsets;
  CHECK(time_offsets_text(offsets).empty());
  offsets.monotonic = {172800, 5};
  CHECK(time_offsets_text(offsets) == "monotonic 172800 5\n");
  offsets.boottime = {-604800, 0};
  CHECK(time_offsets_text(offsets) == "monotonic 172800 5\nboottime -604800 0\n");
}

TEST_CASE("namespaces that are made, and who makes them") {
  using spec::NamespaceType;
  spec::Linux wanted;
  wanted.namespaces = {{NamespaceType::mount, ""}, {NamespaceType::time, ""}, {NamespaceType::cgroup, ""}};
  NamespacePlan plan = plan_namespaces(wanted);
  CHECK(plan.create == (CLONE_NEWNS | CLONE_NEWTIME));
  CHECK(plan.create_cgroup);
  CHECK(!plan.uses_user_namespace());
  // Offsets are set in a time namespace that nobody is in yet: clone3 would put the child there.
  wanted.time_offsets.emplace().boottime = {1, 0};
  plan = plan_namespaces(wanted);
  CHECK(plan.create == CLONE_NEWNS);
  CHECK(plan.time_offsets == "boottime 1 0\n");
  wanted.namespaces.push_back({NamespaceType::user, ""});
  wanted.uid_mappings = {{0, 1, 1}};
  plan = plan_namespaces(wanted);
  CHECK(plan.creates(CLONE_NEWUSER));
  CHECK(!plan.by_entry);
  CHECK(plan.id_maps.uids.size() == 1);
}

TEST_CASE("where a user namespace and others are joined, a process in between does it") {
  using spec::NamespaceType;
  spec::Linux wanted;
  wanted.namespaces = {{NamespaceType::mount, ""},
                       {NamespaceType::user, "/proc/self/ns/user"},
                       {NamespaceType::pid, "/proc/self/ns/pid"}};
  NamespacePlan plan = plan_namespaces(wanted);
  CHECK(plan.by_entry);
  CHECK(plan.joined_user);
  CHECK(!plan.joined_pid);
  REQUIRE(plan.joined.size() == 1);
  CHECK(plan.joined[0].type == CLONE_NEWPID);
  CHECK(namespaces_of(wanted) == (CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID));
  wanted.namespaces.erase(wanted.namespaces.begin() + 1);
  plan = plan_namespaces(wanted);
  CHECK(!plan.by_entry);
  CHECK(plan.joined_pid);
}
