// A change of several steps that a kill may cut in two: its intent is written to the database first and a lock held
// while it acts. Whoever finds an intent whose lock can be taken knows that its process is gone, and settles it.
//
//   Intent intent = intents.begin("image.work", payload);   // row committed, lock held
//   … files are made, moved, removed …
//   Transaction transaction(database);
//   … rows that make the result true …
//   intent.complete(transaction);                            // the intent's row goes in the same commit
//   transaction.commit();
//
// The lock is an OFD lock on intents/<id>.lock: the kernel drops it with the last descriptor, so a killed process never
// holds one, and a pid that came back is never taken for its predecessor.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/dir.h"
#include "base/file_lock.h"
#include "state/database.h"

namespace crun::state {

struct IntentRecord {
  std::string id;       // 16 hexadecimal digits
  std::string kind;     // "image.work": the owner and what it does
  std::string payload;  // JSON of the owner's
};

class IntentLog;

// Owns the lock. Dropped without complete(): it is settled at once by its kind's handler, as after a crash.
class Intent {
 public:
  Intent(Intent&& other) noexcept;
  Intent& operator=(Intent&&) = delete;
  Intent(const Intent&) = delete;
  Intent& operator=(const Intent&) = delete;
  ~Intent();

  const std::string& id() const noexcept { return record_.id; }
  // Deletes the row inside the caller's transaction. Nothing is left to settle once that is committed.
  void complete(Transaction& transaction);

 private:
  friend class IntentLog;
  Intent(IntentLog& log, IntentRecord record, FileLock lock);
  IntentLog* log_;
  IntentRecord record_;
  FileLock lock_;
  pid_t owner_;
};

class IntentLog {
 public:
  // Finishes or undoes what the record says; called with its lock held and outside a transaction; may run twice for one
  // record (killed while settling), so it must not mind what is done already. The row is deleted after it returns.
  using Handler = std::function<void(const IntentRecord&)>;

  // database: outlives this. root: the folder that holds "intents/" (made, 0700, when first needed).
  IntentLog(Database& database, const Dir& root);

  // Each owner registers its kinds before settle(). A kind that nobody here knows is left alone.
  void set_handler(std::string kind, Handler handler);
  // Throws SysError, Error. Must not be called inside a transaction.
  Intent begin(const std::string& kind, const std::string& payload = "{}");
  // Settles every intent whose process is gone. One small read where there is none. What cannot be settled is logged
  // and left for the next. Returns how many were settled.
  size_t settle();
  // True while a live process (this one too) holds the intent's lock.
  bool is_held(const std::string& id);

 private:
  friend class Intent;
  Dir& locks();
  void end(const IntentRecord& record);
  void settle_locked(const IntentRecord& record);
  void remove_stray_locks();

  Database& database_;
  const Dir& root_;
  Dir locks_;
  std::map<std::string, Handler> handlers_;
};

}  // namespace crun::state
