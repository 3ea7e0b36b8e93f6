// One SQLite database: rollback journal, foreign keys on, every write behind BEGIN IMMEDIATE and a busy timeout.
// WAL is not used: it suits processes that live long, and ours open, write once and end (its last close costs fsyncs).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace crun::state {

// What a committed transaction survives (SQLite's synchronous pragma).
enum class Durability {
  disk,  // FULL: kill -9 and a power cut
  boot,  // OFF: kill -9; for databases below /run that end with the boot anyway
};

// One owner's tables in a database, as the steps that made them. The database keeps each owner's version in a byte of
// its own of PRAGMA user_version, so one read at opening tells all of them, and owners change their tables
// independently.
struct Schema {
  const char* owner;  // for texts: "image", "engine"
  int slot;           // 0 image, 1 engine, 2 network; 3 is this room's own
  // migrations[n] is SQL that takes version n to n + 1; the last gives the newest. Never edit a released one.
  std::span<const char* const> migrations;
};

class Database;

// A prepared statement; owns it. Parameters count from 1 and columns from 0, as in SQLite.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Values are copied. All return *this.
  Statement& bind(int parameter, int64_t value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::string_view bytes);
  Statement& bind_null(int parameter);
  template <typename... Values>
  Statement& bind_all(const Values&... values) {
    int parameter = 0;
    (bind(++parameter, values), ...);
    return *this;
  }

  // True where there is a row to read. Throws Error{busy} after the busy timeout, Error{exists} for a broken
  // uniqueness, Error{system} for a full disk or an I/O error, Error{internal} for all else.
  bool step();
  // For statements that give no row.
  void run();
  // To the start again, parameters kept.
  void reset();

  int64_t integer(int column) const;
  std::string text(int column) const;  // text or blob; "" for NULL
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
  Database* database_;
  sqlite3_stmt* statement_;
};

class Database {
 public:
  // path: in a folder that only we can enter; opened (and made, 0600) at the first use, so that constructing costs
  // nothing. schemas: the owners whose tables this process uses; brought to their newest version at opening.
  Database(std::string path, Durability durability, std::vector<Schema> schemas);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  // In a forked child nothing is closed: the parent's locks and journal are not the child's to touch.
  ~Database();

  // Throws Error{unsupported} where the file was made by a newer version of ours, Error{internal} where this is another
  // process than the one that opened it, and as Statement::step.
  Statement prepare(std::string_view sql);
  // Prepares, binds and runs a statement that gives no row; returns how many rows it changed.
  template <typename... Values>
  int64_t run(std::string_view sql, const Values&... values) {
    Statement statement = prepare(sql);
    statement.bind_all(values...);
    statement.run();
    return changes();
  }
  int64_t changes();

  // Closes it; the next use opens it again. To be called before fork(2) where the child goes on with our code.
  void close();
  bool in_transaction() const;
  const std::string& path() const { return path_; }

 private:
  friend class Statement;
  friend class Transaction;
  void open();
  void open_file();
  void migrate();
  void execute(const char* sql);
  void check_process() const;
  [[noreturn]] void fail(int code, std::string_view doing) const;

  std::string path_;
  Durability durability_;
  std::vector<Schema> schemas_;
  sqlite3* handle_ = nullptr;
  pid_t opener_ = 0;
};

// Begins at construction, rolls back at destruction unless committed. They do not nest: Error{internal}.
class Transaction {
 public:
  enum class Access {
    write,  // BEGIN IMMEDIATE: waits for other writers here, not in its middle
    read,   // several reads of one state
  };
  explicit Transaction(Database& database, Access access = Access::write);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();  // throws as Statement::step; rolled back then

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace crun::state
