#include <doctest/doctest.h>

#include "image/store/check.h"
#include "image/store/store.h"
#include "tests/unit/image/store/fixture.h"

using namespace crun::image;
using crun::ErrorKind;
using crun::testing::digest;
using crun::testing::kind_of;
using crun::testing::TestStore;

namespace {

std::vector<std::string> lines(const std::vector<Removal>& removals) {
  std::vector<std::string> result;
  for (const Removal& removal : removals) {
    result.push_back((removal.what == Removal::What::untagged ? "untagged " : "deleted ") + removal.object);
  }
  return result;
}

auto used_by(std::vector<ImageUser> users) {
  return [users](const Digest&) { return users; };
}

}  // namespace

TEST_CASE("a name is taken away, and the image with the last one") {
  TestStore test;
  Digest id = test.add_image({digest(1), digest(2)}, {"one:1", "one:2"});
  CHECK(lines(test.store.remove_image("one:1", false)) == std::vector<std::string>{"untagged one:1"});
  CHECK(test.store.find_image_id("one:2") == id);
  CHECK(lines(test.store.remove_image("one:2", false)) ==
        std::vector<std::string>{"untagged one:2", "deleted " + id.text(), "deleted " + digest(2).text(),
                                 "deleted " + digest(1).text()});
  CHECK(test.store.list_images().empty());
  CHECK(test.entries("layers").size() == 2);
  test.store.empty_trash();
  CHECK(test.entries("layers").empty());
  CHECK(test.entries("records").empty());
  CHECK(check_store(test.store).empty());
}

TEST_CASE("layers that another image uses stay") {
  TestStore test;
  test.add_image({digest(1), digest(2)}, {"one"}, digest(101));
  test.add_image({digest(1), digest(3)}, {"two"}, digest(102));
  test.store.remove_image("one", false);
  test.store.empty_trash();
  CHECK(test.store.find_layer(digest(1)));
  CHECK_FALSE(test.store.find_layer(digest(2)));
  CHECK(test.store.find_layer(digest(3)));
  CHECK(check_store(test.store).empty());
}

TEST_CASE("by id all names of one repository go, of several only by force") {
  TestStore test;
  Digest id = test.add_image({digest(1)}, {"one:1", "one:2"});
  CHECK(lines(test.store.remove_image(id.text(), false)).size() == 4);
  test.add_image({digest(1)}, {"one:1", "two:1"});
  CHECK(kind_of([&] { test.store.remove_image(id.short_hex(), false); }) == ErrorKind::busy);
  CHECK(test.store.find_image_id("one:1") == id);
  CHECK(lines(test.store.remove_image(id.short_hex(), true)).size() == 4);
  CHECK(test.store.list_images().empty());
}

TEST_CASE("an image in use stays: a running container's always, a stopped one's unless forced") {
  TestStore test;
  Digest id = test.add_image({digest(1)}, {"one:1"});
  auto running = used_by({{"web", true}});
  auto stopped = used_by({{"web", false}});
  CHECK(kind_of([&] { test.store.remove_image("one:1", false, running); }) == ErrorKind::busy);
  CHECK(kind_of([&] { test.store.remove_image(id.text(), true, running); }) == ErrorKind::busy);
  CHECK(kind_of([&] { test.store.remove_image("one:1", false, stopped); }) == ErrorKind::busy);
  CHECK(test.store.get_image(id).names.size() == 1);
  CHECK(lines(test.store.remove_image("one:1", true, running)) == std::vector<std::string>{"untagged one:1"});
  CHECK(test.store.get_image(id).layers.size() == 1);
  CHECK(lines(test.store.remove_image(id.text(), true, stopped)).empty());
  CHECK(test.store.get_image(id).layers.size() == 1);
  // A name among several may go whoever uses the image.
  test.store.tag(id, Reference::parse("a:1"));
  test.store.tag(id, Reference::parse("b:1"));
  CHECK(lines(test.store.remove_image("a:1", false, running)) == std::vector<std::string>{"untagged a:1"});
}

TEST_CASE("a repository's digests go with its last tag") {
  TestStore test;
  Work work = test.store.begin_work("test");
  NewImage image = test.image_of(digest(9), {digest(1)}, {test.add_layer(work, digest(1))});
  std::string by_digest = "docker.io/library/one@" + digest(77).text();
  work.put_image(image, {Reference::parse("one:1"), Reference::parse("two:1")}, {by_digest});
  work.finish();
  CHECK(test.store.find_image_id("one@" + digest(77).text()) == digest(9));
  CHECK(test.store.get_image(digest(9)).repo_digests == std::vector<std::string>{by_digest});
  CHECK(lines(test.store.remove_image("one:1", false)) ==
        std::vector<std::string>{"untagged one:1", "untagged one@" + digest(77).text()});
  CHECK(test.store.find_image_id("two:1") == digest(9));
}

TEST_CASE("an image known by digest alone is removed by it") {
  TestStore test;
  Work work = test.store.begin_work("test");
  work.put_image(test.image_of(digest(9), {}, {}), {}, {"docker.io/library/one@" + digest(77).text()});
  work.finish();
  CHECK(lines(test.store.remove_image("one@" + digest(77).text(), false)) ==
        std::vector<std::string>{"untagged one@" + digest(77).text(), "deleted " + digest(9).text()});
}

TEST_CASE("a name that moves to another image leaves the first without it") {
  TestStore test;
  Digest first = test.add_image({digest(1)}, {"one"}, digest(101));
  Digest second = test.add_image({digest(2)}, {"one"}, digest(102));
  CHECK(test.store.find_image_id("one") == second);
  CHECK(test.store.get_image(first).names.empty());
  CHECK(kind_of([&] { test.store.tag(digest(404), Reference::parse("x:1")); }) == ErrorKind::not_found);
  CHECK(kind_of([&] { test.store.remove_image("absent", true); }) == ErrorKind::not_found);
}

TEST_CASE("a name cannot stand in for another image's id") {
  TestStore test;
  Digest victim = test.add_image({digest(1)}, {"victim"}, digest(101));
  Digest other = test.add_image({digest(2)}, {"other"}, digest(102));
  Reference fake = Reference::parse(victim.text());
  CHECK(fake.familiar() == victim.text());
  CHECK(kind_of([&] { test.store.tag(other, fake); }) == ErrorKind::invalid);
  test.root.database().run("INSERT INTO names VALUES (?, ?, ?)", fake.canonical(), fake.repository(), other.text());
  CHECK(test.store.find_image_id(victim.text()) == victim);
  CHECK(lines(test.store.remove_image(victim.text(), false)).at(1) == "deleted " + victim.text());
}
