#include "image/store/cache.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
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

int64_t Store::prune_cache(int64_t keep_bytes) {
  int64_t freed = tables::freeing(root_, [&] {
    Transaction transaction(database());
    int64_t before = bytes_of_cache(database());
    int64_t left = before;
    while (left > keep_bytes) {
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
