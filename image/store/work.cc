#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/random_id.h"
#include "base/rfc3339.h"
#include "crun/error.h"
#include "image/store/store.h"
#include "image/store/tables.h"

namespace crun::image {
namespace {

using state::Database;
using state::Statement;
using state::Transaction;

constexpr size_t kLayerIdDigits = 7;

// The layer's folder and record from the draft to their places. Killed in between, or rolled back after: clear_drafts
// finds by the draft's name what has no row.
void move_into_place(state::StateRoot& root, const Dir& draft, const LayerId& id) {
  Dir layers = root.folder(tables::kLayers);
  Dir records = root.folder(tables::kRecords);
  if (renameat2(draft.fd(), "record", records.fd(), id.c_str(), RENAME_NOREPLACE) != 0 && errno != ENOENT) {
    throw SysError(errno, "moving the record of layer " + id + " into place");
  }
  if (renameat2(draft.fd(), "diff", layers.fd(), id.c_str(), RENAME_NOREPLACE) != 0) {
    throw SysError(errno, "moving the folder of layer " + id + " into place");
  }
}

// 0 where the configuration does not say, or not in a form that we know.
int64_t created_of(const ImageConfig& config) {
  try {
    return config.created.empty() ? 0 : parse_rfc3339(config.created);
  } catch (const Error&) {
    return 0;
  }
}

void check_layers(Database& database, const ImageConfig& config, const NewImage& image) {
  if (config.diff_ids.size() != image.layers.size()) {
    throw Error(ErrorKind::invalid, "image " + image.id.text() + ": its configuration names " +
                                        std::to_string(config.diff_ids.size()) + " layers, it has " +
                                        std::to_string(image.layers.size()));
  }
  Statement statement = database.prepare("SELECT diff_id FROM layers WHERE id = ?");
  for (size_t i = 0; i < image.layers.size(); ++i) {
    statement.reset();
    statement.bind(1, image.layers[i]);
    if (!statement.step() || statement.text(0) != config.diff_ids[i].text()) {
      throw Error(ErrorKind::invalid, "image " + image.id.text() + ": layer " + std::to_string(i + 1) +
                                          " is not the one with diff id " + config.diff_ids[i].text());
    }
  }
}

void insert_image(Database& database, const NewImage& image, const std::string& text, int64_t created) {
  Statement insert = database.prepare("INSERT OR IGNORE INTO images VALUES (?, ?, ?, ?, ?)");
  insert.bind(1, image.id.text()).bind(2, text).bind(4, created).bind(5, unix_nanoseconds());
  if (text == image.original_config) {
    insert.bind_null(3);
  } else {
    insert.bind_blob(3, image.original_config);
  }
  insert.run();
  if (database.changes() == 0) return;  // it was there, with its layers
  int64_t position = 0;
  for (const LayerId& layer : image.layers) {
    database.run("INSERT INTO image_layers VALUES (?, ?, ?)", image.id.text(), position++, layer);
  }
}

}  // namespace

Work::Work(Store& store, state::Intent intent) : store_(&store), intent_(std::move(intent)) {
  drafts_ = store.root().folder(tables::kDrafts).make_dirs(id(), 0700, Resolve::no_symlinks);
}

std::string Work::draft_path(const LayerId& layer) const {
  return store_->root().path() + "/" + tables::kDrafts + "/" + id() + "/" + layer;
}

LayerDraft Work::begin_layer() {
  Dir layers = store_->root().folder(tables::kLayers);
  for (;;) {
    LayerId layer = random_hex(kLayerIdDigits);
    if (layers.find_stat(layer)) continue;
    if (mkdirat(drafts_.fd(), layer.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      throw SysError(errno, "making the folder of a new layer in " + store_->root().path());
    }
    Dir folder = drafts_.open_dir(layer, Resolve::no_symlinks);
    Dir diff = folder.make_dirs("diff", 0755, Resolve::no_symlinks);
    // Whatever the umask: it is the root folder of a container.
    checked(fchmod(diff.fd(), 0755), "setting the mode of a new layer's folder");
    return LayerDraft(layer, draft_path(layer), std::move(folder), std::move(diff));
  }
}

void Work::pin(const LayerId& layer) {
  store_->database().run("INSERT OR IGNORE INTO pins VALUES (?, ?)", id(), layer);
}

Layer Work::commit_layer(LayerDraft draft, const LayerInfo& info) {
  Database& database = store_->database();
  Transaction transaction(database);
  std::optional<Layer> layer = tables::find_layer(database, info.diff_id, info.chain_id);
  if (!layer) {
    layer = Layer{draft.id(), info, unix_nanoseconds()};
    move_into_place(store_->root(), draft.scratch(), draft.id());
    database.run("INSERT INTO layers VALUES (?, ?, ?, ?, ?, ?, ?)", layer->id, info.diff_id.text(),
                 info.chain_id ? info.chain_id->text() : std::string(), info.bytes, info.inodes, layer->created,
                 tables::boot_id());
  }
  pin(layer->id);
  transaction.commit();
  drafts_.remove_tree(draft.id());
  return std::move(*layer);
}

std::optional<Layer> Work::find_layer(const Digest& diff_id, const std::optional<Digest>& chain_id) {
  Database& database = store_->database();
  // Mostly there is none, and then no write is needed to know it.
  if (!tables::find_layer(database, diff_id, chain_id)) return std::nullopt;
  Transaction transaction(database);
  std::optional<Layer> layer = tables::find_layer(database, diff_id, chain_id);
  if (layer) pin(layer->id);
  transaction.commit();
  return layer;
}

bool Work::hold(const std::vector<LayerId>& layers) {
  Database& database = store_->database();
  Transaction transaction(database);
  for (const LayerId& layer : layers) {
    if (!tables::has_layer(database, layer)) return false;
    pin(layer);
  }
  transaction.commit();
  return true;
}

bool Work::note(const std::vector<LayerId>& layers) {
  for (const LayerId& layer : layers) {
    if (!tables::has_layer(store_->database(), layer)) return false;
  }
  noted_.insert(layers.begin(), layers.end());
  return true;
}

void Work::hold_noted() {
  if (noted_.empty()) return;
  if (!hold({noted_.begin(), noted_.end()})) throw LayersGone();
  noted_.clear();
}

void Work::check_held(const std::vector<LayerId>& layers) {
  Statement statement = store_->database().prepare("SELECT 1 FROM pins WHERE work = ? AND layer = ?");
  for (const LayerId& layer : layers) {
    if (noted_.count(layer) != 0) continue;
    statement.reset();
    statement.bind_all(id(), layer);
    if (!statement.step()) throw Error(ErrorKind::internal, "layer " + layer + " is not held by the work that uses it");
  }
}

void Work::flush(const std::vector<LayerId>& layers) {
  Statement statement = store_->database().prepare("SELECT 1 FROM layers WHERE id = ? AND unflushed != ''");
  for (const LayerId& layer : layers) {
    statement.reset();
    statement.bind(1, layer);
    if (!statement.step()) continue;
    // One for all: fsync of each file takes ten times as long. Reports failed writes since Linux 5.8 (syncfs(2)).
    checked(syncfs(store_->layers_dir().fd()), "flushing the image's layers to disk");
    return;
  }
}

void Work::put_image(const NewImage& image, const std::vector<Reference>& names,
                     const std::vector<std::string>& repo_digests) {
  const std::string& text = image.config_text.empty() ? image.original_config : image.config_text;
  ImageConfig config = parse_image_config(text, "image configuration " + image.id.text());
  Database& database = store_->database();
  check_held(image.layers);
  flush(image.layers);

  Transaction transaction(database);
  for (const LayerId& layer : image.layers) {
    if (noted_.count(layer) != 0 && !tables::has_layer(database, layer)) throw LayersGone();
  }
  check_layers(database, config, image);
  insert_image(database, image, text, created_of(config));
  for (const LayerId& layer : image.layers) database.run("UPDATE layers SET unflushed = '' WHERE id = ?", layer);
  for (const Reference& name : names) tables::put_name(database, name, image.id);
  for (const std::string& text_of_digest : repo_digests) {
    Reference name = Reference::parse(text_of_digest);
    if (!name.digest) throw Error(ErrorKind::internal, "a repository digest without digest: " + text_of_digest);
    database.run("INSERT OR REPLACE INTO repo_digests VALUES (?, ?, ?)", name.repository(), name.digest->text(),
                 image.id.text());
  }
  transaction.commit();
}

void Work::put_cache(const CacheRecord& record) {
  nlohmann::json inputs = record.inputs;
  Database& database = store_->database();
  Transaction transaction(database);
  Statement insert = database.prepare("INSERT OR REPLACE INTO cache VALUES (?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, record.key).bind(2, record.scope).bind(3, write_json(inputs)).bind(5, record.result);
  int64_t now = unix_nanoseconds();
  insert.bind(6, now).bind(7, now);
  if (record.layer.empty()) {
    insert.bind_null(4);
  } else {
    insert.bind(4, record.layer);
  }
  insert.run();
  transaction.commit();
}

void Work::finish() {
  tables::clear_drafts(store_->root(), id());
  Database& database = store_->database();
  {
    Transaction transaction(database);
    tables::release_pins(database, id());
    tables::free_unreferenced(database);
    for (const std::string& key : store_->used_cache_) {
      database.run("UPDATE cache SET used = ? WHERE key = ?", unix_nanoseconds(), key);
    }
    intent_->complete(transaction);
    transaction.commit();
  }
  store_->used_cache_.clear();
  drafts_ = Dir();
  intent_.reset();
  tables::empty_trash(store_->root());
}

}  // namespace crun::image
