#include <doctest/doctest.h>

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
  CHECK(test.store.prune_cache(150) == 200);
  CHECK(test.store.find_cache("key1"));
  CHECK_FALSE(test.store.find_cache("key2"));
  CHECK_FALSE(test.store.find_cache("key3"));
  CHECK(test.store.find_cache("key4"));
  CHECK_FALSE(test.store.find_layer(digest(2)));
  CHECK(test.store.prune_cache(0) == 100);
  CHECK(test.store.find_layer(digest(4)));
  CHECK(test.entries("layers").size() == 1);
  CHECK(check_store(test.store).empty());
}
