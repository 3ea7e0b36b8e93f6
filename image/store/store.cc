#include "image/store/store.h"

#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "crun/error.h"
#include "image/store/tables.h"

namespace crun::image {

using state::Statement;
using state::Transaction;

ImageConfig Image::config() const { return parse_image_config(config_text, "image configuration " + id.text()); }

Store::Store(state::StateRoot& root) : root_(root) {
  root.intents().set_handler(tables::kWorkIntent,
                             [&root](const state::IntentRecord& record) { tables::settle_work(root, record.id); });
}

void Store::settle() {
  root_.intents().settle();
  bool trash = false;
  bool unflushed = false;
  {
    Statement statement =
        database().prepare("SELECT EXISTS (SELECT 1 FROM trash), EXISTS (SELECT 1 FROM layers WHERE unflushed != '')");
    statement.step();
    trash = statement.integer(0) != 0;
    unflushed = statement.integer(1) != 0;
  }
  // A full disk, say, must not keep a command from its own work, which may be to make room.
  try {
    if (unflushed && has_unflushed_of_other_boot()) tables::drop_unflushed(root_);
    if (trash) tables::empty_trash(root_);
  } catch (const Error& error) {
    log_warning("what earlier commands left in " + root_.path() + " stays for the next: " + error.text());
  }
  settled_ = true;
}

bool Store::has_unflushed_of_other_boot() {
  Statement statement = database().prepare("SELECT 1 FROM layers WHERE unflushed != '' AND unflushed != ?");
  return statement.bind(1, tables::boot_id()).step();
}

Work Store::begin_work(std::string_view what) {
  if (!settled_) settle();
  tables::keep_reserve(root_);
  nlohmann::json payload = {{"what", what}};
  return Work(*this, root_.intents().begin(tables::kWorkIntent, write_json(payload)));
}

Image Store::get_image(const Digest& id) {
  std::optional<Image> image = read_image(id);
  if (!image) throw Error(ErrorKind::not_found, "no image with id " + id.text());
  return std::move(*image);
}

std::optional<Image> Store::find_image(std::string_view name_or_id) {
  std::optional<Digest> id = find_image_id(name_or_id);
  if (!id) return std::nullopt;
  return read_image(*id);
}

void Store::read_names(ImageSummary& image) {
  Statement names = database().prepare("SELECT name FROM names WHERE image = ? ORDER BY name");
  names.bind(1, image.id.text());
  while (names.step()) image.names.push_back(names.text(0));
  Statement digests = database().prepare(
      "SELECT repository || '@' || digest FROM repo_digests WHERE image = ? ORDER BY repository, digest");
  digests.bind(1, image.id.text());
  while (digests.step()) image.repo_digests.push_back(digests.text(0));
}

std::optional<Image> Store::read_image(const Digest& id) {
  Transaction transaction(database(), Transaction::Access::read);
  Statement row = database().prepare("SELECT config, original, created, stored FROM images WHERE id = ?");
  if (!row.bind(1, id.text()).step()) return std::nullopt;
  Image image{{id, {}, {}, row.integer(2), row.integer(3), 0}, row.text(0), row.text(1), {}};
  if (row.is_null(1)) image.original_config = image.config_text;
  read_names(image);
  Statement layers = database().prepare("SELECT " CRUN_LAYER_COLUMNS
                                        " FROM image_layers JOIN layers ON layers.id = image_layers.layer"
                                        " WHERE image = ? ORDER BY position");
  layers.bind(1, id.text());
  while (layers.step()) {
    image.layers.push_back(tables::read_layer(layers));
    image.bytes += image.layers.back().info.bytes;
  }
  return image;
}

std::vector<ImageSummary> Store::list_images() {
  Transaction transaction(database(), Transaction::Access::read);
  Statement rows = database().prepare(
      "SELECT id, created, stored, (SELECT coalesce(sum(bytes), 0) FROM image_layers JOIN layers"
      " ON layers.id = image_layers.layer WHERE image = images.id) FROM images ORDER BY created DESC, id");
  std::vector<ImageSummary> images;
  while (rows.step()) {
    ImageSummary image{Digest::parse(rows.text(0)), {}, {}, rows.integer(1), rows.integer(2), rows.integer(3)};
    read_names(image);
    images.push_back(std::move(image));
  }
  return images;
}

Store::Runnable Store::get_runnable(std::string_view name_or_id) {
  Digest id = resolve(name_or_id);
  Transaction transaction(database(), Transaction::Access::read);
  Statement row = database().prepare("SELECT config FROM images WHERE id = ?");
  if (!row.bind(1, id.text()).step()) throw Error(ErrorKind::not_found, "no image with id " + id.text());
  Runnable result{id, row.text(0), {}};
  Statement layers = database().prepare("SELECT layer FROM image_layers WHERE image = ? ORDER BY position DESC");
  layers.bind(1, id.text());
  while (layers.step()) result.lower.push_back(layers.text(0));
  return result;
}

Dir Store::layers_dir() const { return root_.folder(tables::kLayers); }

std::string Store::layers_path() const { return root_.path() + "/" + tables::kLayers; }

Dir Store::open_layer(const LayerId& id) const {
  std::optional<Dir> folder = layers_dir().find_dir(id, Resolve::no_symlinks);
  if (!folder) throw Error(ErrorKind::internal, "the folder of layer " + id + " is missing in " + layers_path());
  return std::move(*folder);
}

std::optional<Fd> Store::find_record(const LayerId& id) const {
  return root_.folder(tables::kRecords).find_at(id, O_RDONLY, Resolve::no_symlinks);
}

std::optional<Layer> Store::find_layer(const Digest& diff_id, const std::optional<Digest>& chain_id) {
  return tables::find_layer(database(), diff_id, chain_id);
}

Store::Usage Store::usage() {
  Transaction transaction(database(), Transaction::Access::read);
  Statement row = database().prepare(
      "SELECT (SELECT count(*) FROM images), count(*), coalesce(sum(bytes), 0), coalesce(sum(inodes), 0),"
      " coalesce(sum(CASE WHEN id IN (SELECT layer FROM cache) AND id NOT IN (SELECT layer FROM image_layers)"
      " AND id NOT IN (SELECT layer FROM pins) THEN bytes ELSE 0 END), 0) FROM layers");
  row.step();
  return {row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
}

}  // namespace crun::image
