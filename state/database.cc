#include "state/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "crun/error.h"
#include "crun/fd.h"

namespace crun::state {
namespace {

constexpr int64_t kBusyNanoseconds = 30'000'000'000;
constexpr int kSlotBits = 8;
constexpr int kSlots = 4;

const char* const kOwnMigrations[] = {
    "CREATE TABLE intents (id TEXT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL) WITHOUT ROWID;",
};
constexpr Schema kOwnSchema = {"state", 3, kOwnMigrations};

int64_t monotonic_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// SQLite's own handler sleeps up to 100 ms between tries, so that fifty writers of 1 ms each would mostly sleep. Ours
// starts at 0.2 ms, grows to 4, and is spread by the clock's low bits so that waiting processes do not wake together.
int wait_for_writer(void*, int tries) {
  thread_local int64_t began = 0;
  int64_t now = monotonic_nanoseconds();
  if (tries == 0) began = now;
  if (now - began > kBusyNanoseconds) return 0;
  long ceiling = std::min(4'000'000L, 200'000L << std::min(tries / 4, 5));
  timespec pause{0, ceiling / 2 + static_cast<long>(now % (ceiling / 2))};
  nanosleep(&pause, nullptr);
  return 1;
}

// SQLite prepares 20 pages of cache and 48 KB of small blocks for each connection, and writes to all of them: 64 page
// faults, of more than a microsecond each, for databases of some twenty pages. It refuses where it is in use already by
// the program that we are a library of, and that is as well.
void touch_little_memory() {
  static const bool done = [] {
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return true;
  }();
  static_cast<void>(done);
}

int version_of(int64_t packed, int slot) { return static_cast<int>((packed >> (slot * kSlotBits)) & 0xff); }

int64_t with_version(int64_t packed, int slot, size_t version) {
  int64_t mask = int64_t{0xff} << (slot * kSlotBits);
  return (packed & ~mask) | (static_cast<int64_t>(version) << (slot * kSlotBits));
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(statement_, other.statement_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, int64_t value) {
  int code = sqlite3_bind_int64(statement_, parameter, value);
  if (code != SQLITE_OK) database_->fail(code, sqlite3_sql(statement_));
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  const char* data = text.data() == nullptr ? "" : text.data();
  int code = sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) database_->fail(code, sqlite3_sql(statement_));
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  int code = sqlite3_bind_blob64(statement_, parameter, data, bytes.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) database_->fail(code, sqlite3_sql(statement_));
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  int code = sqlite3_bind_null(statement_, parameter);
  if (code != SQLITE_OK) database_->fail(code, sqlite3_sql(statement_));
  return *this;
}

bool Statement::step() {
  database_->check_process();
  int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    // A finished statement holds no lock once it is reset; parameters stay.
    sqlite3_reset(statement_);
    return false;
  }
  sqlite3_reset(statement_);
  database_->fail(code, sqlite3_sql(statement_));
}

void Statement::run() {
  if (step())
    throw Error(ErrorKind::internal, std::string("a row where none was expected: ") + sqlite3_sql(statement_));
}

void Statement::reset() { sqlite3_reset(statement_); }

int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Statement::text(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr) return {};
  return std::string(static_cast<const char*>(data), static_cast<size_t>(size));
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Database::Database(std::string path, Durability durability, std::vector<Schema> schemas)
    : path_(std::move(path)), durability_(durability), schemas_(std::move(schemas)) {
  schemas_.push_back(kOwnSchema);
}

Database::~Database() {
  if (handle_ != nullptr && opener_ == getpid()) sqlite3_close_v2(handle_);
}

void Database::close() {
  if (handle_ == nullptr) return;
  check_process();
  int code = sqlite3_close(handle_);
  if (code != SQLITE_OK) fail(code, "closing");
  handle_ = nullptr;
}

Statement Database::prepare(std::string_view sql) {
  open();
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) fail(code, sql);
  return Statement(*this, statement);
}

int64_t Database::changes() { return sqlite3_changes64(handle_); }

bool Database::in_transaction() const { return handle_ != nullptr && sqlite3_get_autocommit(handle_) == 0; }

void Database::check_process() const {
  // Locks of fcntl(2) belong to the process: a child that used the handle would write without one.
  if (handle_ != nullptr && opener_ != getpid()) {
    throw Error(ErrorKind::internal, "database " + path_ + " used in another process than the one that opened it");
  }
}

void Database::open() {
  if (handle_ != nullptr) return check_process();
  opener_ = getpid();
  try {
    open_file();
    sqlite3_busy_handler(handle_, wait_for_writer, nullptr);
    // The same as PRAGMA foreign_keys, without the 25 us that a pragma takes; FULL is SQLite's own default.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    if (durability_ == Durability::boot) execute("PRAGMA synchronous=OFF");
    migrate();
  } catch (...) {
    sqlite3_close_v2(std::exchange(handle_, nullptr));
    throw;
  }
}

void Database::open_file() {
  touch_little_memory();
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(path_.c_str(), &handle_, kFlags, nullptr);
  if (code == SQLITE_OK) return;
  if (sqlite3_system_errno(handle_) == ENOENT) {
    // SQLite would make it readable to all that may enter the folder. It is never opened here where it exists: closing
    // a second descriptor would drop the locks that this process holds on the first (fcntl(2)).
    Fd made(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made && errno != EEXIST) throw SysError(errno, "making database " + path_);
    made.reset();
    sqlite3_close_v2(std::exchange(handle_, nullptr));
    code = sqlite3_open_v2(path_.c_str(), &handle_, kFlags, nullptr);
    if (code == SQLITE_OK) return;
  }
  fail(code, "opening");
}

void Database::migrate() {
  auto read_versions = [this] {
    Statement statement = prepare("PRAGMA user_version");
    statement.step();
    return statement.integer(0);
  };
  auto is_current = [this](int64_t versions) {
    return std::all_of(schemas_.begin(), schemas_.end(), [versions](const Schema& schema) {
      return version_of(versions, schema.slot) == static_cast<int>(schema.migrations.size());
    });
  };
  if (is_current(read_versions())) return;

  Transaction transaction(*this);
  int64_t versions = read_versions();
  for (const Schema& schema : schemas_) {
    size_t version = static_cast<size_t>(version_of(versions, schema.slot));
    if (schema.slot < 0 || schema.slot >= kSlots) throw Error(ErrorKind::internal, "no such slot of a schema");
    if (version > schema.migrations.size()) {
      throw Error(ErrorKind::unsupported, "database " + path_ + " was made by a newer ctr (" + schema.owner +
                                              " tables of version " + std::to_string(version) + ", this ctr knows " +
                                              std::to_string(schema.migrations.size()) + "): use that one");
    }
    for (; version < schema.migrations.size(); ++version) execute(schema.migrations[version]);
    versions = with_version(versions, schema.slot, version);
  }
  execute(("PRAGMA user_version=" + std::to_string(versions)).c_str());
  transaction.commit();
}

void Database::execute(const char* sql) {
  check_process();
  int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, sql);
}

void Database::fail(int code, std::string_view doing) const {
  std::string where = "database " + path_ + ": " + std::string(doing.substr(0, 200));
  int system_error = handle_ == nullptr ? 0 : sqlite3_system_errno(handle_);
  switch (code & 0xff) {
    case SQLITE_FULL: throw SysError(ENOSPC, where);
    case SQLITE_BUSY:
      throw Error(ErrorKind::busy, "database " + path_ + ": another process has been writing for " +
                                       std::to_string(kBusyNanoseconds / 1'000'000'000) + " s; try again");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      if (system_error != 0) throw SysError(system_error, where);
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM: throw Error(ErrorKind::denied, where + ": " + sqlite3_errstr(code));
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) {
        throw Error(ErrorKind::exists, where + ": " + sqlite3_errmsg(handle_));
      }
      break;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      throw Error(ErrorKind::internal, where + ": the file is damaged (" + sqlite3_errstr(code) + ")");
  }
  throw Error(ErrorKind::internal,
              where + ": " + (handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_)));
}

Transaction::Transaction(Database& database, Access access) : database_(database) {
  database.open();
  if (database.in_transaction()) throw Error(ErrorKind::internal, "a transaction inside another on " + database.path());
  database.execute(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (!open_ || database_.opener_ != getpid()) return;
  // SQLite has rolled back already after a full disk or an I/O error; then there is none, and that is right.
  sqlite3_exec(database_.handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace crun::state
