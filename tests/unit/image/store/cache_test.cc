#include <doctest/doctest.h>

#include "base/rfc3339.h"
#include "image/store/check.h"
#include "image/store/store.h"
#include "tests/unit/image/store/fixture.h"

using namespace crun::image;
using crun::testing::digest;
using crun::testing::TestStore;

TEST_CASE("a cache record is found by its key, and the newest by its scope") {
  TestStore test;
  Work work = test.store.begin_work("build");
  LayerId layer = test.add_layer(work, digest(1));
  work.put_cache({"key1", "stage 0, step 2", {{"command", "make"}, {"base", "a"}}, layer, "{\"a\":1}", 0});
  work.put_cache({"key2", "stage 0, step 2", {{"command", "make install"}, {"base", "a"}}, "", "{}", 0});
  work.finish();
  std::optional<CacheRecord> found = test.store.find_cache("key1");
  REQUIRE(found);
  CHECK(found->layer == layer);
  CHECK(found->inputs == std::map<std::string, std::string>{{"command", "make"}, {"base", "a"}});
  CHECK(found->result == "{\"a\":1}");
  CHECK(found->created > 0);
  CHECK_FALSE(test.store.find_cache("key3"));
  CHECK(test.store.find_latest_cache("stage 0, step 2")->key == "key2");
  CHECK(test.store.find_latest_cache("stage 0, step 2")->layer.empty());
  CHECK_FALSE(test.store.find_latest_cache("stage 1"));
}

TEST_CASE("pruning forgets what was used longest ago, and frees only what nothing else holds") {
  TestStore test;
  {
    Work work = test.store.begin_work("build");
    for (unsigned i = 1; i <= 4; ++i) {
      work.put_cache({"key" + std::to_string(i), "scope", {}, test.add_layer(work, digest(i)), "{}", 0});
    }
    work.put_image(test.image_of(digest(9), {digest(4)}, {test.add_layer(work, digest(4))}), {});
    work.finish();
  }
  // A use counts when the work that made it ends.
  Work work = test.store.begin_work("build");
  REQUIRE(test.store.find_cache("key1"));
  work.finish();
  CHECK(test.store.usage().cache_bytes == 300);
  CHECK(test.store.prune_cache({150, 0}) == 200);
  CHECK(test.store.find_cache("key1"));
  CHECK_FALSE(test.store.find_cache("key2"));
  CHECK_FALSE(test.store.find_cache("key3"));
  CHECK(test.store.find_cache("key4"));
  CHECK_FALSE(test.store.find_layer(digest(2)));
  CHECK(test.store.prune_cache({}) == 100);
  CHECK(test.store.find_layer(digest(4)));
  CHECK(test.entries("layers").size() == 1);
  CHECK(check_store(test.store).empty());
}

TEST_CASE("records that were not used for long go, with a layer or without, and nothing is done where none is") {
  TestStore test;
  Work work = test.store.begin_work("build");
  work.put_cache({"old", "scope", {}, test.add_layer(work, digest(1)), "{}", 0});
  work.put_cache({"old without a layer", "scope", {}, "", "{}", 0});
  work.finish();
  int64_t then = crun::unix_nanoseconds();
  Work later = test.store.begin_work("build");
  later.put_cache({"new", "scope", {}, test.add_layer(later, digest(2)), "{}", 0});
  later.finish();
  CHECK(test.store.prune_cache({1000, 0}) == 0);
  CHECK(test.store.find_cache("old"));
  CHECK(test.store.prune_cache({1000, then}) == 100);
  CHECK_FALSE(test.store.find_cache("old"));
  CHECK_FALSE(test.store.find_cache("old without a layer"));
  CHECK(test.store.find_cache("new"));
  CHECK(check_store(test.store).empty());
}

TEST_CASE("layers that are noted are held together, or it is said that one is gone") {
  TestStore test;
  LayerId layer;
  {
    Work work = test.store.begin_work("build");
    layer = test.add_layer(work, digest(1));
    work.put_cache({"key", "scope", {}, layer, "{}", 0});
    work.finish();
  }
  Work first = test.store.begin_work("build");
  REQUIRE(first.note({layer}));
  first.hold_noted();
  Work second = test.store.begin_work("build");
  REQUIRE(second.note({layer}));
  test.store.prune_cache({});
  CHECK_NOTHROW(second.hold_noted());  // the first one holds it
  first.finish();
  second.finish();
  Work third = test.store.begin_work("build");
  REQUIRE(third.note({layer}));
  test.store.prune_cache({});
  CHECK_THROWS_AS(third.hold_noted(), LayersGone);
  CHECK_THROWS_AS(third.put_image(test.image_of(digest(9), {digest(1)}, {layer}), {}), LayersGone);
  CHECK_FALSE(third.note({layer}));
  third.finish();
}
