#include "state/intent.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/random_id.h"
#include "crun/error.h"

namespace crun::state {
namespace {

constexpr std::string_view kFolder = "intents";
constexpr std::string_view kSuffix = ".lock";

std::string lock_name(const std::string& id) { return id + std::string(kSuffix); }

// The lock on `id`'s file, or nothing where another holds it, or where the file was removed meanwhile: its lock then
// says nothing to those who open it by name.
std::optional<FileLock> try_lock(const Dir& locks, const std::string& id, int flags) {
  Fd file = locks.open_at(lock_name(id), O_RDWR | O_NOFOLLOW | flags, 0600, Resolve::no_symlinks);
  std::optional<FileLock> lock = FileLock::try_exclusive(std::move(file), "intent " + id);
  struct stat status {};
  if (lock && (fstat(lock->fd(), &status) != 0 || status.st_nlink == 0)) return std::nullopt;
  return lock;
}

void remove_lock(const Dir& locks, const std::string& id) { unlinkat(locks.fd(), lock_name(id).c_str(), 0); }

bool is_recorded(Database& database, const std::string& id) {
  Statement statement = database.prepare("SELECT 1 FROM intents WHERE id = ?");
  statement.bind(1, id);
  return statement.step();
}

}  // namespace

Intent::Intent(IntentLog& log, IntentRecord record, FileLock lock)
    : log_(&log), record_(std::move(record)), lock_(std::move(lock)), owner_(getpid()) {}

Intent::Intent(Intent&& other) noexcept
    : log_(std::exchange(other.log_, nullptr)),
      record_(std::move(other.record_)),
      lock_(std::move(other.lock_)),
      owner_(other.owner_) {}

Intent::~Intent() {
  // A forked child has a copy of this, but neither the work nor the database is its own.
  if (log_ == nullptr || owner_ != getpid()) return;
  try {
    log_->end(record_);
  } catch (const Error& error) {
    log_warning("intent " + record_.kind + " is left to the next command: " + error.text());
  }
}

void Intent::complete(Transaction&) { log_->database_.run("DELETE FROM intents WHERE id = ?", record_.id); }

IntentLog::IntentLog(Database& database, const Dir& root) : database_(database), root_(root) {}

void IntentLog::set_handler(std::string kind, Handler handler) { handlers_[std::move(kind)] = std::move(handler); }

Dir& IntentLog::locks() {
  if (!locks_) locks_ = root_.make_dirs(kFolder, 0700, Resolve::no_symlinks);
  return locks_;
}

Intent IntentLog::begin(const std::string& kind, const std::string& payload) {
  for (;;) {
    IntentRecord record{random_hex(16), kind, payload};
    // A process that clears stray locks may take this one before us; then the name is given up for another.
    std::optional<FileLock> lock = try_lock(locks(), record.id, O_CREAT | O_EXCL);
    if (!lock) continue;
    try {
      Transaction transaction(database_);
      database_.run("INSERT INTO intents VALUES (?, ?, ?)", record.id, record.kind, record.payload);
      transaction.commit();
    } catch (...) {
      remove_lock(locks(), record.id);
      throw;
    }
    return Intent(*this, std::move(record), std::move(*lock));
  }
}

void IntentLog::end(const IntentRecord& record) {
  if (database_.in_transaction()) {
    throw Error(ErrorKind::internal, "ended inside a transaction");
  }
  if (is_recorded(database_, record.id)) return settle_locked(record);
  remove_lock(locks(), record.id);
}

void IntentLog::settle_locked(const IntentRecord& record) {
  auto handler = handlers_.find(record.kind);
  if (handler == handlers_.end()) throw Error(ErrorKind::internal, "nobody here settles this kind");
  handler->second(record);
  Transaction transaction(database_);
  database_.run("DELETE FROM intents WHERE id = ?", record.id);
  transaction.commit();
  remove_lock(locks(), record.id);
}

size_t IntentLog::settle() {
  std::vector<IntentRecord> records;
  {
    Statement statement = database_.prepare("SELECT id, kind, payload FROM intents");
    while (statement.step()) records.push_back({statement.text(0), statement.text(1), statement.text(2)});
  }
  size_t settled = 0;
  for (const IntentRecord& record : records) {
    if (handlers_.count(record.kind) == 0) continue;
    try {
      // After a power cut the row may be there without the file, which is not flushed.
      std::optional<FileLock> lock = try_lock(locks(), record.id, O_CREAT);
      if (!lock) continue;
      if (is_recorded(database_, record.id)) {
        settle_locked(record);
        ++settled;
      } else {
        remove_lock(locks(), record.id);
      }
    } catch (const Error& error) {
      log_warning("settling what a killed process left (" + record.kind + "): " + error.text());
    }
  }
  remove_stray_locks();
  return settled;
}

void IntentLog::remove_stray_locks() {
  if (!locks_) {
    std::optional<Dir> found = root_.find_dir(kFolder, Resolve::no_symlinks);
    if (!found) return;
    locks_ = std::move(*found);
  }
  for (const std::string& name : locks_.list()) {
    if (name.size() <= kSuffix.size() || name.substr(name.size() - kSuffix.size()) != kSuffix) continue;
    std::string id = name.substr(0, name.size() - kSuffix.size());
    if (is_recorded(database_, id)) continue;
    try {
      std::optional<FileLock> lock = try_lock(locks_, id, 0);
      if (lock && !is_recorded(database_, id)) remove_lock(locks_, id);
    } catch (const SysError& error) {
      if (error.errno_value() != ENOENT) throw;  // its owner was quicker
    }
  }
}

bool IntentLog::is_held(const std::string& id) {
  std::optional<Fd> file = locks().find_at(lock_name(id), O_RDWR | O_NOFOLLOW, Resolve::no_symlinks);
  return file && !FileLock::try_exclusive(std::move(*file), "intent " + id);
}

}  // namespace crun::state
