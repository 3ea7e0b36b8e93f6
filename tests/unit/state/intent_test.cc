#include "state/intent.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>

#include <functional>
#include <vector>

#include "crun/error.h"
#include "state/state_root.h"
#include "tests/unit/scratch.h"

using crun::state::Durability;
using crun::state::Intent;
using crun::state::IntentRecord;
using crun::state::StateRoot;
using crun::state::Transaction;

namespace {

std::vector<std::string> lock_files(StateRoot& root) { return root.folder("intents").list(); }

int64_t rows(StateRoot& root) {
  auto statement = root.database().prepare("SELECT count(*) FROM intents");
  statement.step();
  return statement.integer(0);
}

// Runs `work` in a process that then dies without any ending of its own.
void in_killed_process(const std::string& path, const std::function<void(StateRoot&)>& work) {
  pid_t child = fork();
  if (child == 0) {
    StateRoot root(path, Durability::boot, {});
    root.intents().set_handler("test.move", [](const IntentRecord&) {});
    work(root);
    raise(SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("a completed intent leaves neither row nor lock, and its handler is not asked") {
  crun::testing::Scratch scratch;
  StateRoot root(scratch.path(), Durability::boot, {});
  int settled = 0;
  root.intents().set_handler("test.move", [&](const IntentRecord&) { ++settled; });
  {
    Intent intent = root.intents().begin("test.move", "{\"from\":1}");
    CHECK(root.intents().is_held(intent.id()));
    CHECK(lock_files(root).size() == 1);
    Transaction transaction(root.database());
    intent.complete(transaction);
    transaction.commit();
  }
  CHECK(settled == 0);
  CHECK(rows(root) == 0);
  CHECK(lock_files(root).empty());
}

TEST_CASE("a dropped intent, or one whose completion was rolled back, is settled at once") {
  crun::testing::Scratch scratch;
  StateRoot root(scratch.path(), Durability::boot, {});
  std::vector<std::string> settled;
  root.intents().set_handler("test.move", [&](const IntentRecord& record) { settled.push_back(record.payload); });
  { Intent intent = root.intents().begin("test.move", "dropped"); }
  {
    Intent intent = root.intents().begin("test.move", "rolled back");
    Transaction transaction(root.database());
    intent.complete(transaction);
  }
  CHECK(settled == std::vector<std::string>{"dropped", "rolled back"});
  CHECK(rows(root) == 0);
  CHECK(lock_files(root).empty());
}

TEST_CASE("the intent of a killed process is settled once by the next, a live one's is left") {
  crun::testing::Scratch scratch;
  in_killed_process(scratch.path(), [](StateRoot& root) { new Intent(root.intents().begin("test.move", "killed")); });
  StateRoot root(scratch.path(), Durability::boot, {});
  std::vector<std::string> settled;
  root.intents().set_handler("test.move", [&](const IntentRecord& record) { settled.push_back(record.payload); });
  Intent live = root.intents().begin("test.move", "live");
  CHECK(root.intents().settle() == 1);
  CHECK(root.intents().settle() == 0);
  CHECK(settled == std::vector<std::string>{"killed"});
  CHECK(rows(root) == 1);
  CHECK(lock_files(root) == std::vector<std::string>{live.id() + ".lock"});
}

TEST_CASE("a handler that fails, or is not known here, leaves the intent for another") {
  crun::testing::Scratch scratch;
  in_killed_process(scratch.path(), [](StateRoot& root) { new Intent(root.intents().begin("test.move")); });
  in_killed_process(scratch.path(), [](StateRoot& root) { new Intent(root.intents().begin("test.unknown")); });
  StateRoot root(scratch.path(), Durability::boot, {});
  root.intents().set_handler("test.move",
                             [](const IntentRecord&) { throw crun::Error(crun::ErrorKind::system, "not today"); });
  CHECK(root.intents().settle() == 0);
  CHECK(rows(root) == 2);
  root.intents().set_handler("test.move", [](const IntentRecord&) {});
  CHECK(root.intents().settle() == 1);
  CHECK(rows(root) == 1);
}

TEST_CASE("a lock file without a row, and a row without its file, are both cleared") {
  crun::testing::Scratch scratch;
  StateRoot root(scratch.path(), Durability::boot, {});
  int settled = 0;
  root.intents().set_handler("test.move", [&](const IntentRecord&) { ++settled; });
  root.database().run("INSERT INTO intents VALUES ('0123456789abcdef', 'test.move', '{}')");
  root.folder("intents").open_at("fedcba9876543210.lock", O_CREAT | O_RDWR, 0600);
  CHECK(root.intents().settle() == 1);
  CHECK(settled == 1);
  CHECK(rows(root) == 0);
  CHECK(lock_files(root).empty());
}

TEST_CASE("processes that settle together do each intent once") {
  crun::testing::Scratch scratch;
  constexpr int kIntents = 20;
  in_killed_process(scratch.path(), [](StateRoot& root) {
    for (int i = 0; i < kIntents; ++i) new Intent(root.intents().begin("test.move"));
  });
  std::vector<pid_t> children;
  for (int process = 0; process < 6; ++process) {
    pid_t child = fork();
    if (child == 0) {
      StateRoot root(scratch.path(), Durability::boot, {});
      root.intents().set_handler("test.move", [&](const IntentRecord& record) {
        // Fails where it was made already: the intent then stays, and the count below tells.
        root.dir().open_at("done." + record.id, O_CREAT | O_EXCL | O_WRONLY, 0600);
      });
      root.intents().settle();
      _exit(0);
    }
    children.push_back(child);
  }
  for (pid_t child : children) waitpid(child, nullptr, 0);
  StateRoot root(scratch.path(), Durability::boot, {});
  root.intents().set_handler("test.move", [](const IntentRecord&) {});
  CHECK(root.intents().settle() == 0);
  CHECK(rows(root) == 0);
  CHECK(lock_files(root).empty());
}

TEST_CASE("a state folder that others can write to is refused, and its own folders are ours alone") {
  crun::testing::Scratch scratch;
  StateRoot root(scratch.path(), Durability::boot, {});
  struct stat status {};
  root.folder("layers");
  REQUIRE(stat((scratch.path() + "/layers").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
  REQUIRE(symlink("/tmp", (scratch.path() + "/records").c_str()) == 0);
  CHECK_THROWS_AS(root.folder("records"), crun::SysError);
  REQUIRE(chmod(scratch.path().c_str(), 0777) == 0);
  CHECK_THROWS_AS(StateRoot(scratch.path(), Durability::boot, {}), crun::Error);
  CHECK_THROWS_AS(StateRoot("relative", Durability::boot, {}), crun::Error);
}
