// A folder of ours with its database and its intents: /var/lib/ctr (disk) and /run/ctr (boot).
#pragma once

#include <string>
#include <vector>

#include "base/dir.h"
#include "state/database.h"
#include "state/intent.h"

namespace crun::state {

class StateRoot {
 public:
  // path: absolute; made with 0700 where it is missing. Throws Error{denied} where it belongs to another user or others
  // may write to it. schemas: as Database's. The database is <path>/state.db and opened at its first use.
  StateRoot(std::string path, Durability durability, std::vector<Schema> schemas);

  const std::string& path() const { return path_; }
  const Dir& dir() const { return dir_; }
  Database& database() { return database_; }
  IntentLog& intents() { return intents_; }
  // A folder of ours below the root, made 0700 where it is missing; never through a symlink.
  Dir folder(const std::string& name) const;

 private:
  std::string path_;
  Dir dir_;
  Database database_;
  IntentLog intents_;
};

}  // namespace crun::state
