#include "libcrun/rootfs/id_map.h"

#include <doctest/doctest.h>

#include "crun/error.h"
#include "libcrun/ns/user_namespace.h"

using namespace crun;
using namespace crun::rootfs;

TEST_CASE("crun's form of mappings") {
  IdMap map = parse_id_map("uids=0-1000-10#10-5000-1;gids=0-2000-10", {});
  CHECK(map.uids == std::vector<spec::IdMapping>{{0, 1000, 10}, {10, 5000, 1}});
  CHECK(map.gids == std::vector<spec::IdMapping>{{0, 2000, 10}});
  CHECK(parse_id_map("gids=1-2-3;uids=4-5-6", {}).uids == std::vector<spec::IdMapping>{{4, 5, 6}});
}

TEST_CASE("behind an @ the second number is the container's") {
  IdMap container{{{0, 100000, 1000}, {1000, 300000, 10}}, {{0, 200000, 65536}}};
  IdMap map = parse_id_map("uids=@7-1-9#8-8-1#@0-1005-5;gids=@0-0-1", container);
  CHECK(map.uids == std::vector<spec::IdMapping>{{7, 100001, 9}, {8, 8, 1}, {0, 300005, 5}});
  CHECK(map.gids == std::vector<spec::IdMapping>{{0, 200000, 1}});
  CHECK_THROWS_AS(parse_id_map("uids=@0-999-2;gids=@0-0-1", container), Error);
  CHECK_THROWS_AS(parse_id_map("uids=@0-4294967295-4294967295;gids=@0-0-1", container), Error);
}

TEST_CASE("what is no mapping is refused") {
  for (const char* text :
       {"", "uids=", "uids=0-1", "uids=0-1-1", "gids=0-1-1", "uids=0-1-0;gids=0-1-1", "uids=0-1-1,gids=0-1-1",
        "uids=0-1-1;gids=0-1-1;uids=0-1-1", "uids=a-1-1;gids=0-1-1", "uids=-1-1-1;gids=0-1-1",
        "uids=0-1-4294967296;gids=0-1-1", "uids=0-1-1;gids=0-1-1x", "pids=0-1-1", "uids=0-1-1#;gids=0-1-1"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_id_map(text, {}), Error);
  }
}

TEST_CASE("a mount without any mapping to take is refused") {
  spec::Linux linux;
  IdMapNamespaces made(&linux);
  CHECK_THROWS_AS(made.find({"/x", "bind", "/", {}, {}, {}}, {true, false, ""}), Error);
  // Mappings alone make no user namespace.
  linux.uid_mappings = linux.gid_mappings = {{0, 1000, 1}};
  CHECK_THROWS_AS(made.find({"/x", "bind", "/", {}, {}, {}}, {true, false, ""}), Error);
}

TEST_CASE("the kernel's form of a mapping") {
  CHECK(ns::id_map_text({{0, 100000, 65536}, {65536, 1, 2}}) == "0 100000 65536\n65536 1 2\n");
}
