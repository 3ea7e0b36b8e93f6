#include "state/database.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <functional>

#include "base/file.h"
#include "crun/error.h"
#include "tests/unit/scratch.h"

using crun::Error;
using crun::ErrorKind;
using crun::state::Database;
using crun::state::Durability;
using crun::state::Schema;
using crun::state::Statement;
using crun::state::Transaction;

namespace {

const char* const kFirst[] = {"CREATE TABLE fruit (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;"};
const char* const kSecond[] = {kFirst[0], "ALTER TABLE fruit ADD COLUMN colour TEXT NOT NULL DEFAULT 'green';"};
const char* const kOther[] = {"CREATE TABLE box (fruit TEXT REFERENCES fruit (name));"};
constexpr Schema kVersion1 = {"garden", 0, kFirst};
constexpr Schema kVersion2 = {"garden", 0, kSecond};
constexpr Schema kBoxes = {"boxes", 1, kOther};

int64_t count_of(Database& database, std::string_view name) {
  Statement statement = database.prepare("SELECT count FROM fruit WHERE name = ?");
  statement.bind(1, name);
  return statement.step() ? statement.integer(0) : -1;
}

ErrorKind kind_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  FAIL("no error");
  return ErrorKind::internal;
}

}  // namespace

TEST_CASE("what is committed is there for the next process, what is not is not") {
  crun::testing::Scratch scratch;
  std::string path = scratch.path() + "/state.db";
  {
    Database database(path, Durability::disk, {kVersion1});
    Transaction transaction(database);
    database.run("INSERT INTO fruit VALUES (?, ?)", "plum", int64_t{3});
    transaction.commit();
  }
  {
    Database database(path, Durability::disk, {kVersion1});
    Transaction transaction(database);
    database.run("INSERT INTO fruit VALUES (?, ?)", "pear", int64_t{4});
  }
  Database database(path, Durability::boot, {kVersion1});
  CHECK(count_of(database, "plum") == 3);
  CHECK(count_of(database, "pear") == -1);
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("text and blobs keep their NUL bytes, and an empty text is not NULL") {
  crun::testing::Scratch scratch;
  Database database(scratch.path() + "/state.db", Durability::boot, {});
  Statement statement = database.prepare("SELECT ?, ?, ?, ?");
  statement.bind(1, std::string_view("a\0b", 3))
      .bind_blob(2, std::string_view("\0\xff", 2))
      .bind(3, std::string_view());
  statement.bind_null(4);
  REQUIRE(statement.step());
  CHECK(statement.text(0) == std::string("a\0b", 3));
  CHECK(statement.text(1) == std::string("\0\xff", 2));
  CHECK_FALSE(statement.is_null(2));
  CHECK(statement.is_null(3));
}

TEST_CASE("an older schema is migrated with its rows, a newer one refused by name, owners apart") {
  crun::testing::Scratch scratch;
  std::string path = scratch.path() + "/state.db";
  Database(path, Durability::boot, {kVersion1}).run("INSERT INTO fruit VALUES ('plum', 3)");
  {
    Database database(path, Durability::boot, {kBoxes, kVersion2});
    Statement statement = database.prepare("SELECT colour FROM fruit");
    REQUIRE(statement.step());
    CHECK(statement.text(0) == "green");
    CHECK(kind_of([&] { database.run("INSERT INTO box VALUES ('mango')"); }) == ErrorKind::internal);
  }
  Database(path, Durability::boot, {kBoxes}).run("INSERT INTO box VALUES ('plum')");
  Database older(path, Durability::boot, {kVersion1});
  try {
    count_of(older, "plum");
    FAIL("opened a newer database");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::unsupported);
    CHECK(error.text().find("made by a newer ctr (garden tables of version 2") != std::string::npos);
  }
}

TEST_CASE("a failed migration leaves the old schema") {
  crun::testing::Scratch scratch;
  std::string path = scratch.path() + "/state.db";
  static const char* const kBroken[] = {kFirst[0], "CREATE TABLE half (x);", "CREATE TABLE fruit (again);"};
  Database(path, Durability::boot, {kVersion1}).run("INSERT INTO fruit VALUES ('plum', 3)");
  Database broken(path, Durability::boot, {Schema{"garden", 0, kBroken}});
  CHECK(kind_of([&] { count_of(broken, "plum"); }) == ErrorKind::internal);
  Database again(path, Durability::boot, {kVersion2});
  CHECK(count_of(again, "plum") == 3);
  CHECK(kind_of([&] { again.run("INSERT INTO half VALUES (1)"); }) == ErrorKind::internal);
}

TEST_CASE("uniqueness and misuse have kinds of their own") {
  crun::testing::Scratch scratch;
  Database database(scratch.path() + "/state.db", Durability::boot, {kVersion1});
  database.run("INSERT INTO fruit VALUES ('plum', 3)");
  CHECK(kind_of([&] { database.run("INSERT INTO fruit VALUES ('plum', 4)"); }) == ErrorKind::exists);
  Transaction transaction(database);
  CHECK(kind_of([&] { Transaction inner(database); }) == ErrorKind::internal);
  pid_t child = fork();
  if (child == 0) {
    try {
      database.run("DELETE FROM fruit");
    } catch (const Error& error) {
      _exit(error.kind() == ErrorKind::internal ? 0 : 2);
    }
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(count_of(database, "plum") == 3);
}

TEST_CASE("the disk's database is flushed at each commit, the boot's never, and both check references") {
  crun::testing::Scratch scratch;
  for (Durability durability : {Durability::disk, Durability::boot}) {
    Database database(scratch.path() + "/state.db", durability, {kVersion1, kBoxes});
    Statement synchronous = database.prepare("PRAGMA synchronous");
    REQUIRE(synchronous.step());
    CHECK(synchronous.integer(0) == (durability == Durability::disk ? 2 : 0));
    CHECK(kind_of([&] { database.run("INSERT INTO box VALUES ('mango')"); }) == ErrorKind::internal);
  }
}

TEST_CASE("a file that is no database is refused, not replaced") {
  crun::testing::Scratch scratch;
  std::string path = scratch.path() + "/state.db";
  crun::Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  crun::write_all(file.get(), std::string(4096, 'x'), path);
  Database database(path, Durability::disk, {kVersion1});
  CHECK(kind_of([&] { count_of(database, "plum"); }) == ErrorKind::internal);
  CHECK(crun::read_path(path) == std::string(4096, 'x'));
}

TEST_CASE("many processes write at once and none is turned away") {
  crun::testing::Scratch scratch;
  std::string path = scratch.path() + "/state.db";
  constexpr int kProcesses = 12;
  constexpr int kWrites = 25;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    pid_t child = fork();
    if (child == 0) {
      try {
        for (int i = 0; i < kWrites; ++i) {
          Database database(path, Durability::boot, {kVersion1});
          Transaction transaction(database);
          database.run("INSERT OR IGNORE INTO fruit VALUES ('plum', 0)");
          database.run("UPDATE fruit SET count = ?", count_of(database, "plum") + 1);
          transaction.commit();
        }
      } catch (const Error&) {
        _exit(1);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  Database database(path, Durability::boot, {kVersion1});
  CHECK(count_of(database, "plum") == kProcesses * kWrites);
}
