#include "image/store/store.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "crun/error.h"
#include "image/store/check.h"
#include "tests/unit/image/store/fixture.h"

using crun::Error;
using crun::ErrorKind;
using namespace crun::image;
using crun::testing::digest;
using crun::testing::kind_of;
using crun::testing::TestStore;
using crun::testing::text_of;

TEST_CASE("an image is found by each of its names and ids") {
  TestStore test;
  Digest id = test.add_image({digest(1), digest(2)}, {"nginx:1.25", "registry.example:5000/team/web"});
  Store& store = test.store;
  for (const char* name : {"nginx:1.25", "docker.io/library/nginx:1.25", "registry.example:5000/team/web:latest"}) {
    CHECK(store.find_image_id(name) == id);
  }
  CHECK(store.find_image_id(id.text()) == id);
  CHECK(store.find_image_id(id.hex()) == id);
  CHECK(store.find_image_id(id.short_hex()) == id);
  CHECK_FALSE(store.find_image_id("nginx"));
  CHECK_FALSE(store.find_image_id("ffff"));
  CHECK(kind_of([&] { store.find_image_id("Not A Name"); }) == ErrorKind::invalid);

  Image image = store.get_image(id);
  CHECK(image.names ==
        std::vector<std::string>{"docker.io/library/nginx:1.25", "registry.example:5000/team/web:latest"});
  REQUIRE(image.layers.size() == 2);
  CHECK(image.layers[0].info.diff_id == digest(1));
  CHECK(image.bytes == 200);
  CHECK(image.config().diff_ids == std::vector<Digest>{digest(1), digest(2)});

  Store::Runnable runnable = store.get_runnable("nginx:1.25");
  CHECK(runnable.lower == std::vector<LayerId>{image.layers[1].id, image.layers[0].id});
  CHECK(runnable.config_text == image.config_text);
  CHECK(check_store(store).empty());
}

TEST_CASE("the exact bytes of a configuration are kept beside its canonical form") {
  TestStore test;
  std::string original = "{ \"rootfs\": {\"diff_ids\": [], \"type\": \"layers\"},\n \"os\": \"linux\" }\n";
  NewImage image{digest(7), original, write_image_config(parse_image_config(original, "test")), {}};
  Work work = test.store.begin_work("test");
  work.put_image(image, {});
  work.finish();
  CHECK(test.store.get_image(digest(7)).original_config == original);
  CHECK(test.store.get_image(digest(7)).config_text == image.config_text);
}

TEST_CASE("a name that is not there is answered with those that come close") {
  TestStore test;
  test.add_image({digest(1)}, {"nginx:1.25", "team/busybox"});
  CHECK(text_of([&] { test.store.resolve("ngnix:1.25"); }) == "no image 'ngnix:1.25' here: did you mean 'nginx:1.25'?");
  CHECK(text_of([&] { test.store.resolve("nginx"); }) == "no image 'nginx' here: did you mean 'nginx:1.25'?");
  CHECK(text_of([&] { test.store.resolve("busybox"); }) ==
        "no image 'busybox' here: did you mean 'team/busybox:latest'?");
  CHECK(text_of([&] { test.store.resolve("postgres"); }) ==
        "no image 'postgres' here: 'ctr images' lists what there is");
}

TEST_CASE("an ambiguous id prefix is refused, a name that looks like an id wins over it") {
  TestStore test;
  Digest first = Digest::parse("sha256:abcd1" + std::string(59, '0'));
  Digest second = Digest::parse("sha256:abcd2" + std::string(59, '0'));
  test.add_image({digest(1)}, {}, first);
  test.add_image({digest(1)}, {}, second);
  CHECK(kind_of([&] { test.store.resolve("abcd"); }) == ErrorKind::invalid);
  CHECK(test.store.resolve("abcd1") == first);
  CHECK(test.store.resolve("sha256:abcd2") == second);
  test.store.tag(second, Reference::parse("abcd1").with_default_tag());
  CHECK(test.store.resolve("abcd1") == second);
}

TEST_CASE("a layer with the same diff id is stored once, and the draft that came late is removed") {
  TestStore test;
  Work work = test.store.begin_work("test");
  Layer first = work.commit_layer(work.begin_layer(), {digest(1), {}, 100, 3});
  LayerDraft late = work.begin_layer();
  std::string path = late.path();
  Layer second = work.commit_layer(std::move(late), {digest(1), {}, 100, 3});
  CHECK(first.id == second.id);
  struct stat status {};
  CHECK(stat(path.c_str(), &status) != 0);
  // One that needed its parent is another.
  Layer chained = work.commit_layer(work.begin_layer(), {digest(2), digest(12), 5, 1});
  CHECK_FALSE(work.find_layer(digest(2)));
  CHECK_FALSE(work.find_layer(digest(2), digest(13)));
  CHECK(work.find_layer(digest(2), digest(12))->id == chained.id);
  // One that stands on its own does for every chain.
  CHECK(work.find_layer(digest(1), digest(13))->id == first.id);
  CHECK(check_store(test.store).empty());
}

TEST_CASE("a layer's folder and record are where the store says") {
  TestStore test;
  Work work = test.store.begin_work("test");
  LayerDraft draft = work.begin_layer();
  draft.diff().replace_file("hello", "world", 0644, false);
  crun::Fd record = draft.create_record();
  crun::write_all(record.get(), "record", "record");
  draft.scratch().make_dirs("work/inner", 0700);
  struct stat status {};
  REQUIRE(fstat(draft.diff().fd(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0755);
  Layer layer = work.commit_layer(std::move(draft), {digest(1), {}, 5, 1});
  CHECK(layer.id.size() == 7);
  CHECK(test.store.open_layer(layer.id).read_file("hello", 10) == "world");
  std::optional<crun::Fd> found = test.store.find_record(layer.id);
  REQUIRE(found);
  CHECK(crun::read_to_end(found->get(), 100, "record") == "record");
  CHECK(crun::read_path(test.store.layers_path() + "/" + layer.id + "/hello") == "world");
  CHECK_FALSE(test.store.find_record("nothing"));
  CHECK(kind_of([&] { test.store.open_layer("nothing"); }) == ErrorKind::internal);
}

TEST_CASE("what a work made goes with it unless an image or the cache takes it") {
  TestStore test;
  LayerId used;
  LayerId cached;
  LayerId dropped;
  {
    Work work = test.store.begin_work("test");
    used = test.add_layer(work, digest(1));
    cached = test.add_layer(work, digest(2));
    dropped = test.add_layer(work, digest(3));
    work.begin_layer();
    work.put_image(test.image_of(digest(9), {digest(1)}, {used}), {});
    work.put_cache({"key", "stage 0, step 1", {{"command", "true"}}, cached, "{}", 0});
    CHECK(check_store(test.store).empty());
    // Dropped without finish(), as where an exception ends it.
  }
  CHECK(check_store(test.store).empty());
  CHECK(test.store.find_layer(digest(1))->id == used);
  CHECK(test.store.find_layer(digest(2))->id == cached);
  CHECK_FALSE(test.store.find_layer(digest(3)));
  CHECK(test.entries("layers").size() == 2);
  CHECK(test.entries("drafts").empty());
}

TEST_CASE("a layer held by one work is not freed by another's rmi") {
  TestStore test;
  test.add_image({digest(1)}, {"one"});
  Work work = test.store.begin_work("test");
  Layer layer = *work.find_layer(digest(1));
  std::vector<Removal> removals = test.store.remove_image("one", false);
  CHECK(removals.size() == 2);
  CHECK(test.store.find_layer(digest(1)));
  CHECK(work.hold({layer.id}));
  work.put_image(test.image_of(digest(9), {digest(1)}, {layer.id}), {Reference::parse("two:1")});
  work.finish();
  CHECK(test.store.resolve("two:1") == digest(9));
  test.store.remove_image("two:1", false);
  CHECK_FALSE(test.store.find_layer(digest(1)));
  Work later = test.store.begin_work("test");
  CHECK_FALSE(later.hold({layer.id}));
}

TEST_CASE("an image whose layers are not those of its configuration is refused") {
  TestStore test;
  Work work = test.store.begin_work("test");
  LayerId layer = test.add_layer(work, digest(1));
  LayerId other = test.add_layer(work, digest(2));
  CHECK(kind_of([&] { work.put_image(test.image_of(digest(9), {digest(1)}, {other}), {}); }) == ErrorKind::invalid);
  CHECK(kind_of([&] { work.put_image(test.image_of(digest(9), {digest(1)}, {}), {}); }) == ErrorKind::invalid);
  CHECK(kind_of([&] { work.put_image(test.image_of(digest(9), {digest(1)}, {"absent0"}), {}); }) ==
        ErrorKind::internal);
  CHECK(test.store.list_images().empty());
  work.put_image(test.image_of(digest(9), {digest(1)}, {layer}), {});
  CHECK(test.store.list_images().size() == 1);
}

TEST_CASE("what was not flushed before the machine went down is forgotten, what was is kept") {
  TestStore test;
  test.add_image({digest(1)}, {"flushed"});
  {
    Work work = test.store.begin_work("test");
    LayerId layer = test.add_layer(work, digest(2));
    work.put_cache({"key", "scope", {}, layer, "{}", 0});
    work.finish();
  }
  Store same_boot(test.root);
  same_boot.settle();
  CHECK(same_boot.find_layer(digest(2)));
  test.root.database().run("UPDATE layers SET unflushed = 'another boot' WHERE unflushed != ''");
  Store next_boot(test.root);
  next_boot.settle();
  CHECK_FALSE(next_boot.find_layer(digest(2)));
  CHECK_FALSE(next_boot.find_cache("key"));
  CHECK(next_boot.find_layer(digest(1)));
  CHECK(check_store(next_boot).empty());
}

TEST_CASE("images are listed newest first, with their sizes, and layers are counted once in all") {
  TestStore test;
  Digest older = test.add_image({digest(1)}, {"older"}, digest(101), "2020-01-01T00:00:00Z");
  Digest newer = test.add_image({digest(1), digest(2)}, {"newer"}, digest(102), "2021-01-01T00:00:00Z");
  std::vector<ImageSummary> images = test.store.list_images();
  REQUIRE(images.size() == 2);
  CHECK(images[0].id == newer);
  CHECK(images[0].bytes == 200);
  CHECK(images[1].id == older);
  CHECK(images[1].created == 1577836800'000'000'000);
  Store::Usage usage = test.store.usage();
  CHECK(usage.images == 2);
  CHECK(usage.layers == 2);
  CHECK(usage.bytes == 200);
  CHECK(usage.cache_bytes == 0);
}

TEST_CASE("the check finds what is wrong") {
  TestStore test;
  test.add_image({digest(1)}, {"one"});
  REQUIRE(check_store(test.store).empty());
  test.root.folder("layers").make_dirs("nobodys", 0755);
  test.root.folder("records").replace_file("nobodys", "", 0600, false);
  test.root.folder("drafts").make_dirs("0123456789abcdef", 0700);
  test.root.dir().remove_tree("layers/" + test.store.find_layer(digest(1))->id);
  test.root.database().run("INSERT INTO layers VALUES ('unheld0', ?, '', 0, 0, 0, '')", digest(5).text());
  std::vector<std::string> wrong = check_store(test.store);
  CHECK(wrong.size() == 6);
}
