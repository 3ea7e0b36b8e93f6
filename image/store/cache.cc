#include "image/store/cache.h"

#include <sys/statvfs.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "crun/error.h"
#include "image/store/store.h"
#include "image/store/tables.h"

namespace crun::image {
namespace {

using state::Database;
using state::Statement;
using state::Transaction;

#define CRUN_CACHE_COLUMNS "key, scope, inputs, layer, result, created"

CacheRecord read_record(const Statement& row) {
  nlohmann::json inputs = parse_json(row.text(2), "cache record");
  return {row.text(0), row.text(1), inputs.get<std::map<std::string, std::string>>(),
          row.text(3), row.text(4), row.integer(5)};
}

#define CRUN_HELD_BY_CACHE_ALONE                                  \
  " id IN (SELECT layer FROM cache WHERE layer IS NOT NULL)"      \
  " AND NOT EXISTS (SELECT 1 FROM image_layers WHERE layer = id)" \
  " AND NOT EXISTS (SELECT 1 FROM pins WHERE layer = id)"

int64_t bytes_of_cache(Database& database) {
  Statement row = database.prepare("SELECT coalesce(sum(bytes), 0) FROM layers WHERE" CRUN_HELD_BY_CACHE_ALONE);
  row.step();
  return row.integer(0);
}

}  // namespace

std::optional<CacheRecord> Store::find_cache(std::string_view key) {
  Statement row = database().prepare("SELECT " CRUN_CACHE_COLUMNS " FROM cache WHERE key = ?");
  if (!row.bind(1, key).step()) return std::nullopt;
  used_cache_.emplace_back(key);
  return read_record(row);
}

std::optional<CacheRecord> Store::find_latest_cache(std::string_view scope) {
  Statement row =
      database().prepare("SELECT " CRUN_CACHE_COLUMNS " FROM cache WHERE scope = ? ORDER BY created DESC LIMIT 1");
  if (!row.bind(1, scope).step()) return std::nullopt;
  return read_record(row);
}

CacheBounds default_cache_bounds(const Dir& folder) {
  constexpr int64_t kShare = 10;
  constexpr int64_t kDays = 60;
  constexpr int64_t kNanosecondsOfDay = 24 * 3600 * 1'000'000'000L;
  struct statvfs disk {};
  checked(fstatvfs(folder.fd(), &disk), "asking for the size of the build cache's disk");
  return {static_cast<int64_t>(disk.f_blocks * disk.f_frsize) / kShare, unix_nanoseconds() - kDays * kNanosecondsOfDay};
}

int64_t Store::prune_cache(const CacheBounds& bounds) {
  // Mostly there is nothing to do, and then no write is needed to know it.
  Statement old = database().prepare("SELECT 1 FROM cache WHERE used < ? LIMIT 1");
  bool outdated = old.bind(1, bounds.unused_since).step();
  old.reset();
  if (!outdated && bytes_of_cache(database()) <= bounds.bytes) return 0;
  int64_t freed = tables::freeing(root_, [&] {
    Transaction transaction(database());
    int64_t before = bytes_of_cache(database());
    database().run("DELETE FROM cache WHERE used < ?", bounds.unused_since);
    int64_t left = bytes_of_cache(database());
    while (left > bounds.bytes) {
      database().run(
          "DELETE FROM cache WHERE key = (SELECT key FROM cache JOIN layers ON layers.id = cache.layer "
          "WHERE" CRUN_HELD_BY_CACHE_ALONE " ORDER BY used LIMIT 1)");
      left = bytes_of_cache(database());
    }
    tables::free_unreferenced(database());
    transaction.commit();
    return before - left;
  });
  tables::empty_trash(root_);
  return freed;
}

}  // namespace crun::image
