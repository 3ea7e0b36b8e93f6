#include <algorithm>
#include <set>

#include "crun/error.h"
#include "image/store/store.h"
#include "image/store/tables.h"

namespace crun::image {
namespace {

using state::Database;
using state::Statement;
using state::Transaction;

using Users = std::function<std::vector<ImageUser>(const Digest&)>;

// One rmi, inside one transaction.
class ImageRemoval {
 public:
  ImageRemoval(Database& database, Digest id, bool force) : database_(database), id_(std::move(id)), force_(force) {
    read("SELECT name FROM names WHERE image = ? ORDER BY name", names_);
    read("SELECT repository || '@' || digest FROM repo_digests WHERE image = ? ORDER BY 1", digests_);
  }

  void by_id(const Users& users) {
    std::set<std::string> repositories;
    for (const Reference& name : names_) repositories.insert(name.familiar_repository());
    if (repositories.size() > 1 && !force_) {
      throw Error(ErrorKind::busy, "image " + shown() + " has names in several repositories (" + *repositories.begin() +
                                       ", " + *repositories.rbegin() + "): remove it by its names, or by force");
    }
    bool may_delete = check_users(users, "image " + shown(), false);
    for (const Reference& name : names_) untag(name);
    for (const Reference& name : digests_) untag(name);
    if (may_delete) delete_image();
  }

  void by_name(const Reference& name, const Users& users) {
    std::vector<Reference> going = {name};
    auto in_repository = [&](const Reference& other) { return other.repository() == name.repository(); };
    if (!name.digest && std::count_if(names_.begin(), names_.end(), in_repository) == 1) {
      // The repository's last tag takes the digests with it, which nobody could see any more.
      std::copy_if(digests_.begin(), digests_.end(), std::back_inserter(going), in_repository);
    }
    bool is_last = going.size() == names_.size() + digests_.size();
    bool may_delete = is_last && check_users(users, "image " + name.familiar(), true);
    for (const Reference& gone : going) untag(gone);
    if (may_delete) delete_image();
  }

  std::vector<Removal> result() { return std::move(done_); }

 private:
  void read(const char* sql, std::vector<Reference>& into) {
    Statement statement = database_.prepare(sql);
    statement.bind(1, id_.text());
    while (statement.step()) into.push_back(Reference::parse(statement.text(0)));
  }

  std::string shown() const { return std::string(id_.short_hex()); }

  // False: the image must stay, only its names may go. Throws where they may not either.
  bool check_users(const Users& users, const std::string& what, bool named) const {
    std::vector<ImageUser> all = users ? users(id_) : std::vector<ImageUser>{};
    auto running = std::find_if(all.begin(), all.end(), [](const ImageUser& user) { return user.running; });
    if (running != all.end() && !(force_ && named)) {
      throw Error(ErrorKind::busy,
                  what + " is used by the running container " + running->container + ": stop it first");
    }
    if (!all.empty() && !force_) {
      throw Error(ErrorKind::busy, what + " is used by container " + all.front().container +
                                       ": remove that first, or take only the names away with --force");
    }
    return all.empty();
  }

  void untag(const Reference& name) {
    if (name.digest) {
      database_.run("DELETE FROM repo_digests WHERE repository = ? AND digest = ?", name.repository(),
                    name.digest->text());
    } else {
      database_.run("DELETE FROM names WHERE name = ?", name.canonical());
    }
    done_.push_back({Removal::What::untagged, name.familiar()});
  }

  void delete_image() {
    database_.run("DELETE FROM images WHERE id = ?", id_.text());
    done_.push_back({Removal::What::deleted, id_.text()});
    for (const Digest& layer : tables::free_unreferenced(database_)) {
      done_.push_back({Removal::What::deleted, layer.text()});
    }
  }

  Database& database_;
  Digest id_;
  bool force_;
  std::vector<Reference> names_;
  std::vector<Reference> digests_;
  std::vector<Removal> done_;
};

}  // namespace

std::vector<Removal> Store::remove_image(std::string_view name_or_id, bool force, const Users& users) {
  return tables::freeing(root_, [&] {
    Transaction transaction(database());
    ImageRemoval removal(database(), resolve(name_or_id), force);
    if (std::optional<Reference> name = find_given_name(name_or_id)) {
      removal.by_name(*name, users);
    } else {
      removal.by_id(users);
    }
    transaction.commit();
    return removal.result();
  });
}

void Store::empty_trash() { tables::empty_trash(root_); }

std::optional<Reference> Store::find_given_name(std::string_view name_or_id) {
  std::optional<Reference> name = Reference::find(name_or_id);
  if (!name || Digest::find(name_or_id)) return std::nullopt;
  *name = name->with_default_tag();
  Statement statement = name->digest
                            ? database().prepare("SELECT 1 FROM repo_digests WHERE repository = ? AND digest = ?")
                            : database().prepare("SELECT 1 FROM names WHERE name = ?");
  if (name->digest) {
    name->tag.clear();
    statement.bind_all(name->repository(), name->digest->text());
  } else {
    statement.bind(1, name->canonical());
  }
  if (!statement.step()) return std::nullopt;
  return name;
}

}  // namespace crun::image
