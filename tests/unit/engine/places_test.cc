// engine/container/places: the lock and the status record.
#include "engine/container/places.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/dir.h"
#include "crun/error.h"

using namespace crun;
using namespace crun::engine;

namespace {

struct Roots {
  char path[32] = "/tmp/places_test.XXXXXX";
  EngineConfig config;
  Roots() {
    REQUIRE(mkdtemp(path) != nullptr);
    config.data_root = std::string(path) + "/data";
    config.run_root = std::string(path) + "/run";
  }
  ~Roots() { Dir::open("/tmp").remove_tree(path + 5); }
  Places places(bool kept) const { return places_of(config, std::string(64, 'b'), kept); }
};

void release_byte(int fd, int64_t byte) {
  struct flock lock {};
  lock.l_type = F_UNLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  REQUIRE(fcntl(fd, F_OFD_SETLK, &lock) == 0);
}

}  // namespace

TEST_CASE("kept containers have one folder on disk, others a state folder that goes with the boot") {
  Roots roots;
  CHECK(roots.places(true).state() == roots.places(true).storage());
  CHECK(roots.places(true).state().rfind(roots.config.data_root, 0) == 0);
  CHECK(roots.places(false).state().rfind(roots.config.run_root, 0) == 0);
  CHECK(roots.places(false).storage().rfind(roots.config.data_root, 0) == 0);
}

TEST_CASE("a lock is held once, seen by others, and gone with its holder") {
  Roots roots;
  Places places = roots.places(false);
  CHECK_FALSE(ContainerLock::try_take_existing(places));
  CHECK_FALSE(condition_of(places).attended);
  {
    std::optional<ContainerLock> lock = ContainerLock::try_take(places);
    REQUIRE(lock);
    CHECK_FALSE(ContainerLock::try_take(places));
    CHECK(condition_of(places).attended);
    CHECK(condition_of(places).unfinished);
    release_byte(lock->fd(), kLockRunning);
    CHECK(condition_of(places).attended);
    CHECK_FALSE(condition_of(places).unfinished);
    CHECK_FALSE(ContainerLock::try_take_existing(places));
  }
  CHECK_FALSE(condition_of(places).attended);
  CHECK(ContainerLock::try_take_existing(places));
}

TEST_CASE("a folder that is removed while it is locked does not count as held") {
  Roots roots;
  Places places = roots.places(false);
  std::optional<ContainerLock> old = ContainerLock::try_take(places);
  REQUIRE(old);
  Dir::open(places.state_parent).remove_tree(places.id);
  CHECK_FALSE(condition_of(places).attended);
  CHECK(ContainerLock::try_take(places));
}

TEST_CASE("a folder that is just being made is not taken for a leftover") {
  Roots roots;
  constexpr int kMade = 500;
  std::atomic<bool> done = false;
  std::thread sweeper([&] {
    while (!done) {
      Places places = roots.places(false);
      std::optional<Dir> nobody_makes = try_stop_making(places);
      if (!nobody_makes) continue;
      if (!has_lock(places) || ContainerLock::try_take_existing(places)) {
        Dir::open(places.state_parent).remove_tree(places.id);
      }
    }
  });
  int refused = 0;
  for (int i = 0; i < kMade; ++i) {
    Places places = roots.places(false);
    std::optional<ContainerLock> lock = ContainerLock::try_take(places);
    if (!lock) ++refused;
    if (lock) Dir::open(places.state_parent).remove_tree(places.id);
  }
  done = true;
  sweeper.join();
  CHECK(refused == 0);
}

TEST_CASE("who waits for the end wakes when the byte is released") {
  Roots roots;
  Places places = roots.places(true);
  std::optional<ContainerLock> lock = ContainerLock::try_take(places);
  REQUIRE(lock);
  std::thread holder([&] {
    usleep(20'000);
    release_byte(lock->fd(), kLockRunning);
  });
  wait_until_ended(places);
  CHECK_FALSE(condition_of(places).unfinished);
  holder.join();
}

TEST_CASE("status records are whole, and those of others refused") {
  Roots roots;
  Places places = roots.places(true);
  std::optional<ContainerLock> lock = ContainerLock::try_take(places);
  REQUIRE(lock);
  CHECK_FALSE(read_record(lock->folder()));
  StatusRecord record;
  record.state = RecordState::exited;
  record.exit_code = 42;
  record.flags = kOomKilled;
  write_record(lock->folder(), record);
  CHECK(read_record(lock->folder())->exit_code == 42);
  CHECK(condition_of(places).record->flags == kOomKilled);
  record.version = kStatusVersion + 1;
  write_record(lock->folder(), record);
  CHECK_THROWS_AS(read_record(lock->folder()), Error);
  lock->folder().replace_file(kStatusFile, "short", 0600, false);
  CHECK_THROWS_AS(read_record(lock->folder()), Error);
}
