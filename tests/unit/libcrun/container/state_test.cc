#include "libcrun/container/state.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/scratch.h"

using namespace crun;
using namespace crun::container;

TEST_CASE("ids") {
  for (const char* good : {"a", "web_1", "A-b.c+d", "0123"}) CHECK_NOTHROW(check_id(good));
  for (const char* bad : {"", ".", "..", ".hidden", "a/b", "../x", "a b", "a\n", "\xc3\xa4"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(check_id(bad), Error);
  }
  CHECK_NOTHROW(check_id(std::string(255, 'a')));
  CHECK_THROWS_AS(check_id(std::string(256, 'a')), Error);
}

TEST_CASE("a record comes back as it was written") {
  testing::Scratch scratch;
  std::string root = scratch.path() + "/state";
  Folder folder = Folder::make(root, "c1");
  Record record;
  record.id = "c1";
  record.bundle = "/b";
  record.cgroup = "/x/c1";
  record.created_at = 1234567890123456789;
  record.pid = 42;
  record.start_time = 18446744073709551615ULL;
  record.annotations = {{"k", "v\"\n"}};
  record.program = {"sh", "/w", {"/bin/sh"}};
  record.has_hooks = true;
  record.config = "{\n \"x\": 1}\n";
  folder.write(record);
  CHECK(folder.read().pid == 0);
  folder.write_process(record);
  Record read = Folder::open(root, "c1").read();
  CHECK(read.created_at == record.created_at);
  CHECK(read.start_time == record.start_time);
  CHECK(read.annotations == record.annotations);
  CHECK(read.program.candidates == record.program.candidates);
  CHECK(read.cgroup == "/x/c1");
  CHECK(read.has_hooks);
  CHECK(read.config == record.config);
  CHECK(read.pid == 42);
}

TEST_CASE("an id is taken once, and free again") {
  testing::Scratch scratch;
  std::string root = scratch.path() + "/state";
  Folder folder = Folder::make(root, "c1");
  CHECK_THROWS_AS(Folder::make(root, "c1"), Error);
  CHECK(Folder::ids(root) == std::vector<std::string>{"c1"});
  folder.remove();
  CHECK(Folder::ids(root).empty());
  CHECK_FALSE(Folder::find(root, "c1"));
  CHECK_THROWS_AS(Folder::open(root, "c1"), Error);
  struct stat status {};
  REQUIRE(stat(root.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a folder that is a symlink is not a container") {
  testing::Scratch scratch;
  std::string root = scratch.path() + "/state";
  Folder::make(root, "c1");
  REQUIRE(symlink("c1", (root + "/c2").c_str()) == 0);
  CHECK_THROWS_AS(Folder::open(root, "c2"), Error);
}

TEST_CASE("a process is known by its number and its start") {
  Record record;
  record.pid = getpid();
  record.start_time = *find_start_time(getpid());
  CHECK(find_process(record));
  record.start_time += 1;  // its number was given to another one
  CHECK_FALSE(find_process(record));
  record.pid = 0;
  CHECK_FALSE(find_process(record));
  CHECK_FALSE(find_start_time(0x7ffffffe));
}

TEST_CASE("status follows from record, process and fifo") {
  testing::Scratch scratch;
  Folder folder = Folder::make(scratch.path() + "/state", "c1");
  Record record;
  CHECK(status_of(folder, record) == ContainerStatus::creating);
  record.pid = getpid();
  record.start_time = *find_start_time(getpid());
  CHECK(status_of(folder, record) == ContainerStatus::running);
  REQUIRE(mkfifoat(folder.dir().fd(), "start", 0600) == 0);
  CHECK(status_of(folder, record) == ContainerStatus::running);  // nobody reads it: what a killed starter left
  Fd reader = folder.dir().open_at("start", O_RDWR, 0, Resolve::no_symlinks);
  CHECK(status_of(folder, record) == ContainerStatus::created);
  record.start_time += 1;
  CHECK(status_of(folder, record) == ContainerStatus::stopped);
}

TEST_CASE("the state document has no pid once it is stopped") {
  Record record;
  record.id = "c1";
  record.pid = 42;
  CHECK(state_document(record, ContainerStatus::running).find("42") != std::string::npos);
  CHECK(state_document(record, ContainerStatus::stopped).find("42") == std::string::npos);
}

TEST_CASE("a record of a later version is refused by name, and a damaged one told") {
  testing::Scratch scratch;
  Folder folder = Folder::make(scratch.path() + "/state", "c1");
  folder.dir().replace_file("state", "{\"version\":99}\n", 0600, false);
  CHECK_THROWS_WITH_AS(folder.read(), "container c1: its state is of version 99, this program knows 1", Error);
  folder.dir().replace_file("state", "{\"version\":1}\n", 0600, false);
  CHECK_THROWS_AS(folder.read(), Error);
}

TEST_CASE("a record whose writer was killed at it") {
  testing::Scratch scratch;
  Folder folder = Folder::make(scratch.path() + "/state", "c1");
  CHECK(folder.read().id == "c1");
  folder.dir().replace_file("state", "{\"version\":1,\"id", 0600, false);
  CHECK(folder.read().id == "c1");
  CHECK(status_of(folder, folder.read()) == ContainerStatus::creating);
  Record record;
  record.id = "c1";
  REQUIRE(unlinkat(folder.dir().fd(), "state", 0) == 0);
  folder.write(record);
  Fd file = folder.dir().open_at("state", O_WRONLY | O_APPEND);
  REQUIRE(write(file.get(), "12", 2) == 2);  // of "1234 5\n"
  CHECK(folder.read().pid == 0);
}
