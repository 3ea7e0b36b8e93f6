#include "image/store/check.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "crun/error.h"
#include "image/store/tables.h"

namespace crun::image {
namespace {

using state::Database;
using state::Statement;

class Check {
 public:
  explicit Check(Store& store) : store_(store), root_(store.root()), database_(root_.database()) {}

  std::vector<std::string> run() {
    check_database();
    check_intents();
    check_layers();
    check_records();
    check_drafts();
    check_images();
    check_modes();
    return std::move(wrong_);
  }

 private:
  void note(std::string text) { wrong_.push_back(std::move(text)); }

  std::set<std::string> column(std::string_view sql) {
    std::set<std::string> values;
    Statement statement = database_.prepare(sql);
    while (statement.step()) values.insert(statement.text(0));
    return values;
  }

  std::vector<std::string> entries(const std::string& folder) {
    std::optional<Dir> dir = root_.dir().find_dir(folder, Resolve::no_symlinks);
    std::vector<std::string> names = dir ? dir->list() : std::vector<std::string>{};
    std::sort(names.begin(), names.end());
    return names;
  }

  void check_database() {
    Statement integrity = database_.prepare("PRAGMA integrity_check");
    while (integrity.step()) {
      if (integrity.text(0) != "ok") note("database: " + integrity.text(0));
    }
    Statement keys = database_.prepare("PRAGMA foreign_key_check");
    while (keys.step()) note("database: a row of " + keys.text(0) + " refers to a missing one of " + keys.text(2));
  }

  void check_intents() {
    std::set<std::string> intents = column("SELECT id FROM intents");
    for (const std::string& id : intents) {
      if (root_.intents().is_held(id)) {
        live_works_.insert(id);
      } else {
        note("intent " + id + " is of no live process");
      }
    }
    for (const std::string& name : entries("intents")) {
      if (intents.count(name.substr(0, name.find('.'))) == 0) note("intents/" + name + " belongs to no intent");
    }
    for (const std::string& work : column("SELECT DISTINCT work FROM pins")) {
      if (intents.count(work) == 0) note("layers are held by the work " + work + ", which is no more");
    }
  }

  void check_layers() {
    layers_ = column("SELECT id FROM layers");
    std::vector<std::string> folders = entries(tables::kLayers);
    for (const std::string& id : layers_) {
      if (!std::binary_search(folders.begin(), folders.end(), id)) note("layer " + id + " has no folder");
    }
    for (const std::string& folder : folders) {
      if (layers_.count(folder) == 0) note("layers/" + folder + " belongs to no layer");
    }
    for (const std::string& id : column("SELECT layer FROM trash")) note("freed layer " + id + " was not removed");
    for (const std::string& id : column("SELECT id FROM layers WHERE id NOT IN (SELECT layer FROM image_layers)"
                                        " AND id NOT IN (SELECT layer FROM cache WHERE layer IS NOT NULL)"
                                        " AND id NOT IN (SELECT layer FROM pins)")) {
      note("layer " + id + " is held by nothing");
    }
  }

  void check_records() {
    for (const std::string& name : entries(tables::kRecords)) {
      if (layers_.count(name) == 0) note("records/" + name + " belongs to no layer");
    }
  }

  void check_drafts() {
    for (const std::string& work : entries(tables::kDrafts)) {
      if (live_works_.count(work) == 0) note("drafts/" + work + " is of no live process");
    }
  }

  void check_images() {
    for (const ImageSummary& summary : store_.list_images()) {
      Image image = store_.get_image(summary.id);
      std::vector<Digest> wanted = image.config().diff_ids;
      bool same = std::equal(wanted.begin(), wanted.end(), image.layers.begin(), image.layers.end(),
                             [](const Digest& diff_id, const Layer& layer) { return diff_id == layer.info.diff_id; });
      if (!same) note("image " + summary.id.text() + " has other layers than its configuration names");
    }
    for (const std::string& id : column("SELECT layers.id FROM layers JOIN image_layers ON layer = layers.id"
                                        " WHERE unflushed != ''")) {
      note("layer " + id + " is an image's and was never flushed");
    }
  }

  void check_modes() {
    for (const char* name : {tables::kLayers, tables::kRecords, tables::kDrafts, "intents", "state.db"}) {
      std::optional<struct stat> status = root_.dir().find_stat(name);
      if (status && (status->st_mode & 077) != 0) note(std::string(name) + " is open to other users");
    }
  }

  Store& store_;
  state::StateRoot& root_;
  Database& database_;
  std::set<std::string> layers_;
  std::set<std::string> live_works_;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> check_store(Store& store) { return Check(store).run(); }

}  // namespace crun::image
