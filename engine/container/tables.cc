#include "engine/container/tables.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/rfc3339.h"
#include "engine/container/names.h"
#include "engine/container/request_json.h"
#include "engine/container/settle.h"
#include "engine/impl.h"

namespace crun::engine {
namespace {

constexpr const char* kMigrations[] = {
    "CREATE TABLE container ("
    "  id TEXT PRIMARY KEY NOT NULL,"
    "  name TEXT UNIQUE NOT NULL,"
    "  image TEXT NOT NULL,"
    "  image_id TEXT NOT NULL,"
    "  created INTEGER NOT NULL,"
    "  request TEXT NOT NULL"
    ") WITHOUT ROWID;"
    "CREATE INDEX container_image ON container (image_id);",
};

constexpr const char* kColumns = "SELECT id, name, image, image_id, created, request FROM container ";

Container read_row(const state::Statement& row, bool kept) {
  Container container;
  container.id = row.text(0);
  container.name = row.text(1);
  container.image = row.text(2);
  container.image_id = row.text(3);
  container.created = row.integer(4);
  container.request = read_request(row.text(5));
  container.kept = kept;
  return container;
}

template <typename... Values>
void read_rows(state::Database& database, bool kept, const std::string& where, std::vector<Container>& out,
               const Values&... values) {
  state::Statement select = database.prepare(kColumns + where);
  select.bind_all(values...);
  while (select.step()) out.push_back(read_row(select, kept));
}

std::optional<Container> find_named(state::Database& database, bool kept, const std::string& name) {
  state::Statement select = database.prepare(std::string(kColumns) + "WHERE name = ?1");
  select.bind_all(name);
  if (!select.step()) return std::nullopt;
  return read_row(select, kept);
}

bool is_hex(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Who holds a name, in either database.
std::optional<Container> find_holder(Engine::Impl& engine, const std::string& name) {
  std::optional<Container> holder = find_named(engine.run().database(), false, name);
  return holder ? holder : find_named(engine.data().database(), true, name);
}

void insert_row(state::Database& database, const Container& container) {
  database.run("INSERT INTO container (id, name, image, image_id, created, request) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
               container.id, container.name, container.image, container.image_id, container.created,
               write_request(container.request));
}

bool has_state_folder(const EngineConfig& config, const std::string& id) {
  struct stat status {};
  return lstat(places_of(config, id, false).state().c_str(), &status) == 0;
}

// A `--rm` container that has ended is gone for everybody as soon as its state folder is; its row goes with the next
// container's, in the transaction that is paid for anyway. A few at a time, from a random place on.
void sweep_rows(Engine::Impl& engine, const std::string& from) {
  constexpr int64_t kAtOnce = 32;
  state::Database& database = engine.run().database();
  std::vector<std::string> gone;
  {
    state::Statement select = database.prepare("SELECT id FROM container WHERE id > ?1 ORDER BY id LIMIT ?2");
    select.bind_all(from, kAtOnce);
    while (select.step()) {
      if (!has_state_folder(engine.config(), select.text(0))) gone.push_back(select.text(0));
    }
  }
  for (const std::string& id : gone) database.run("DELETE FROM container WHERE id = ?1", id);
}

// One try. Gives the holder of the name where there is one.
std::optional<Container> try_insert(Engine::Impl& engine, NewContainer& created) {
  Container& container = created.container;
  image::Store& store = engine.store();
  // Whoever makes a container or removes an image has the run database's write lock: so the name that is free now stays
  // so, and the image is not removed before the row that uses it is there.
  state::Transaction run(engine.run().database());
  if (std::optional<Container> holder = find_holder(engine, container.name)) return holder;
  created.image = store.get_runnable(container.image);
  container.image_id = created.image.id.text();
  if (container.kept) {
    state::Transaction data(engine.data().database());
    insert_row(engine.data().database(), container);
    data.commit();
  } else {
    sweep_rows(engine, container.id);
    insert_row(engine.run().database(), container);
  }
  run.commit();
  return std::nullopt;
}

}  // namespace

const state::Schema kContainerSchema = {"engine", 1, kMigrations};

NewContainer insert_container(Engine::Impl& engine, const std::string& id, const ContainerRequest& request) {
  constexpr unsigned kAttempts = 20;
  NewContainer created{{}, {image::Digest::parse("sha256:" + std::string(64, '0')), "", {}}};
  Container& container = created.container;
  container.id = id;
  container.image = request.image;
  container.created = unix_nanoseconds();
  container.kept = !request.remove;
  container.request = request;
  for (unsigned attempt = 0;; ++attempt) {
    container.name = request.name.empty() ? make_up_name(attempt) : request.name;
    std::optional<Container> holder = try_insert(engine, created);
    if (!holder) return created;
    // One that ended and was to be removed holds its name no longer, even if nobody has taken its row away yet.
    if (settle_ended(engine, *holder)) continue;
    if (!request.name.empty() || attempt == kAttempts) {
      throw Error(ErrorKind::exists, "the container name " + container.name + " is in use by container " +
                                         holder->id.substr(0, 12) + "; remove it (ctr rm " + container.name +
                                         ") or use another name");
    }
  }
}

std::optional<Container> find_container(Engine::Impl& engine, const std::string& name) {
  if (std::optional<Container> named = find_holder(engine, name)) return named;
  if (!is_hex(name) || name.size() > 64) return std::nullopt;
  std::vector<Container> found;
  // 'g' sorts behind every hexadecimal digit.
  read_rows(engine.run().database(), false, "WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2", found, name);
  read_rows(engine.data().database(), true, "WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 2", found, name);
  if (found.size() > 1) {
    throw Error(ErrorKind::invalid, "container id prefix " + name + " is ambiguous: it fits " +
                                        found[0].id.substr(0, 12) + " and " + found[1].id.substr(0, 12));
  }
  if (found.empty()) return std::nullopt;
  return std::move(found[0]);
}

Container get_container(Engine::Impl& engine, const std::string& name) {
  std::optional<Container> found = find_container(engine, name);
  // A `--rm` one that has ended is gone, whether or not anybody has taken its row away.
  if (found && !found->kept && settle_ended(engine, *found)) found.reset();
  if (!found) throw Error(ErrorKind::not_found, "no such container: " + name);
  return std::move(*found);
}

std::vector<Container> all_containers(Engine::Impl& engine) {
  std::vector<Container> all;
  read_rows(engine.run().database(), false, "", all);
  read_rows(engine.data().database(), true, "", all);
  std::stable_sort(all.begin(), all.end(),
                   [](const Container& a, const Container& b) { return a.created > b.created; });
  return all;
}

std::set<std::string> container_ids(Engine::Impl& engine) {
  std::set<std::string> ids;
  for (state::Database* database : {&engine.run().database(), &engine.data().database()}) {
    state::Statement select = database->prepare("SELECT id FROM container");
    while (select.step()) ids.insert(select.text(0));
  }
  return ids;
}

bool has_row(Engine::Impl& engine, const std::string& id) {
  for (state::Database* database : {&engine.run().database(), &engine.data().database()}) {
    state::Statement select = database->prepare("SELECT 1 FROM container WHERE id = ?1");
    select.bind_all(id);
    if (select.step()) return true;
  }
  return false;
}

void delete_row(Engine::Impl& engine, const std::string& id, bool kept) {
  state::Database& database = kept ? engine.data().database() : engine.run().database();
  state::Transaction transaction(database);
  database.run("DELETE FROM container WHERE id = ?1", id);
  transaction.commit();
}

std::vector<Container> containers_of_image(Engine::Impl& engine, const std::string& image_id) {
  std::vector<Container> users;
  read_rows(engine.run().database(), false, "WHERE image_id = ?1", users, image_id);
  read_rows(engine.data().database(), true, "WHERE image_id = ?1", users, image_id);
  return users;
}

}  // namespace crun::engine
