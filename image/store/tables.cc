#include "image/store/tables.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/file_lock.h"
#include "base/log.h"
#include "base/random_id.h"
#include "crun/error.h"

namespace crun::image::tables {

using state::Database;
using state::Statement;
using state::StateRoot;
using state::Transaction;

Layer read_layer(const Statement& statement) {
  std::string chain_id = statement.text(2);
  Layer layer{statement.text(0), {Digest::parse(statement.text(1)), {}, statement.integer(3), statement.integer(4)}, 0};
  if (!chain_id.empty()) layer.info.chain_id = Digest::parse(chain_id);
  layer.created = statement.integer(5);
  return layer;
}

std::optional<Layer> find_layer(Database& database, const Digest& diff_id, const std::optional<Digest>& chain_id) {
  // '' sorts first: the layer that stands on its own is taken where both are there.
  Statement statement = database.prepare("SELECT " CRUN_LAYER_COLUMNS
                                         " FROM layers WHERE diff_id = ? AND chain_id IN ('', ?)"
                                         " ORDER BY chain_id LIMIT 1");
  statement.bind_all(diff_id.text(), chain_id ? chain_id->text() : std::string());
  if (!statement.step()) return std::nullopt;
  return read_layer(statement);
}

bool has_layer(Database& database, const LayerId& id) {
  Statement statement = database.prepare("SELECT 1 FROM layers WHERE id = ?");
  return statement.bind(1, id).step();
}

bool has_image(Database& database, const Digest& id) {
  Statement statement = database.prepare("SELECT 1 FROM images WHERE id = ?");
  return statement.bind(1, id.text()).step();
}

void put_name(Database& database, const Reference& name, const Digest& image) {
  if (name.tag.empty() || name.digest) {
    throw Error(ErrorKind::invalid, "the name '" + name.familiar() + "' of an image must have a tag and no digest");
  }
  std::string repository = name.familiar_repository();
  if (repository == "sha256" || repository == "sha512") {
    throw Error(ErrorKind::invalid, "the name '" + name.familiar() + "' could be taken for an id: choose another");
  }
  database.run("INSERT OR REPLACE INTO names VALUES (?, ?, ?)", name.canonical(), name.repository(), image.text());
}

std::vector<Digest> free_unreferenced(Database& database) {
  std::vector<Digest> diff_ids;
  std::vector<LayerId> ids;
  {
    Statement statement = database.prepare(
        "SELECT id, diff_id FROM layers"
        " WHERE NOT EXISTS (SELECT 1 FROM image_layers WHERE layer = layers.id)"
        " AND NOT EXISTS (SELECT 1 FROM cache WHERE layer = layers.id)"
        " AND NOT EXISTS (SELECT 1 FROM pins WHERE layer = layers.id) ORDER BY created DESC, id");
    while (statement.step()) {
      ids.push_back(statement.text(0));
      diff_ids.push_back(Digest::parse(statement.text(1)));
    }
  }
  for (const LayerId& id : ids) {
    database.run("INSERT INTO trash VALUES (?)", id);
    database.run("DELETE FROM layers WHERE id = ?", id);
  }
  return diff_ids;
}

void release_pins(Database& database, const std::string& work) {
  database.run("DELETE FROM pins WHERE work = ?", work);
}

namespace {

std::vector<LayerId> trash_of(Database& database) {
  std::vector<LayerId> ids;
  Statement statement = database.prepare("SELECT layer FROM trash");
  while (statement.step()) ids.push_back(statement.text(0));
  return ids;
}

// The folder before the record, and both before the row: what is cut short is found again.
void remove_layer_files(StateRoot& root, const LayerId& id) {
  root.folder(kLayers).remove_tree(id);
  root.folder(kRecords).remove_tree(id);
}

// False where something could not be removed.
bool remove_trash(StateRoot& root, const std::vector<LayerId>& ids) {
  bool all = true;
  std::vector<LayerId> removed;
  for (const LayerId& id : ids) {
    try {
      remove_layer_files(root, id);
      removed.push_back(id);
    } catch (const Error& error) {
      log_warning("a freed layer's folder " + root.path() + "/layers/" + id +
                  " is left to the next command: " + error.text());
      all = false;
    }
  }
  freeing(root, [&] {
    Transaction transaction(root.database());
    for (const LayerId& id : removed) root.database().run("DELETE FROM trash WHERE layer = ?", id);
    transaction.commit();
  });
  return all;
}

}  // namespace

void empty_trash(StateRoot& root) {
  // Whoever comes while we hold the lock leaves his to us: so look again once it is given back.
  for (;;) {
    if (trash_of(root.database()).empty()) return;
    Fd file = root.dir().open_at("trash.lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600, Resolve::no_symlinks);
    std::optional<FileLock> lock = FileLock::try_exclusive(std::move(file), "trash");
    if (!lock || !remove_trash(root, trash_of(root.database()))) return;
  }
}

namespace {
constexpr const char* kReserve = "reserve";
// SQLite's journal of the largest rmi: the pages of all that it changes, 4 KiB each.
constexpr size_t kReserveBytes = 256 << 10;
}  // namespace

void keep_reserve(const StateRoot& root) {
  if (root.dir().find_stat(kReserve)) return;
  try {
    // Nothing that a file system or a copy could take for a hole, or compress away.
    root.dir().replace_file(kReserve, random_hex(kReserveBytes), 0600, false);
  } catch (const SysError& error) {
    if (error.errno_value() != ENOSPC && error.errno_value() != EDQUOT) throw;
  }
}

bool spend_reserve(const StateRoot& root) { return unlinkat(root.dir().fd(), kReserve, 0) == 0; }

void clear_drafts(StateRoot& root, const std::string& work) {
  std::optional<Dir> drafts = root.dir().find_dir(std::string(kDrafts) + "/" + work, Resolve::no_symlinks);
  if (!drafts) return;
  for (const LayerId& id : drafts->list()) {
    if (!has_layer(root.database(), id)) remove_layer_files(root, id);
  }
  drafts.reset();
  root.folder(kDrafts).remove_tree(work);
}

void settle_work(StateRoot& root, const std::string& work) {
  clear_drafts(root, work);
  {
    Transaction transaction(root.database());
    release_pins(root.database(), work);
    free_unreferenced(root.database());
    transaction.commit();
  }
  empty_trash(root);
}

void drop_unflushed(StateRoot& root) {
  freeing(root, [&] {
    Transaction transaction(root.database());
    std::string boot = boot_id();
    constexpr const char* kLost = "(SELECT id FROM layers WHERE unflushed NOT IN ('', ?))";
    root.database().run(std::string("DELETE FROM cache WHERE layer IN ") + kLost, boot);
    root.database().run(std::string("DELETE FROM pins WHERE layer IN ") + kLost, boot);
    free_unreferenced(root.database());
    transaction.commit();
  });
  empty_trash(root);
}

std::string boot_id() {
  std::string text = read_path("/proc/sys/kernel/random/boot_id", 100);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace crun::image::tables
