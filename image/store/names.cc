#include <algorithm>

#include "crun/error.h"
#include "image/store/store.h"
#include "image/store/tables.h"

namespace crun::image {
namespace {

using state::Database;
using state::Statement;
using state::Transaction;

constexpr size_t kSuggestions = 3;

std::optional<Digest> find_by_name(Database& database, const Reference& name) {
  Statement statement = name.digest
                            ? database.prepare("SELECT image FROM repo_digests WHERE repository = ? AND digest = ?")
                            : database.prepare("SELECT image FROM names WHERE name = ?");
  if (name.digest) {
    statement.bind_all(name.repository(), name.digest->text());
  } else {
    statement.bind(1, name.canonical());
  }
  if (!statement.step()) return std::nullopt;
  return Digest::parse(statement.text(0));
}

std::optional<Digest> find_by_prefix(Database& database, std::string_view digits) {
  // 'g' follows the last hexadecimal digit.
  std::string low = "sha256:" + std::string(digits);
  Statement statement = database.prepare("SELECT id FROM images WHERE id >= ? AND id < ? ORDER BY id LIMIT 2");
  statement.bind_all(low, low + "g");
  if (!statement.step()) return std::nullopt;
  Digest first = Digest::parse(statement.text(0));
  if (statement.step()) {
    throw Error(ErrorKind::invalid, "image id '" + std::string(digits) + "' is ambiguous: it is the beginning of " +
                                        std::string(first.hex().substr(0, digits.size() + 8)) + "... and of " +
                                        statement.text(0).substr(7, digits.size() + 8) + "...");
  }
  return first;
}

// Insertions, deletions, changes and swaps of neighbours that make one of the other.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

// The names that were perhaps meant, best first: the same repository with another tag, then those a slip away.
std::vector<std::string> similar_names(Database& database, const Reference& wanted) {
  std::vector<std::pair<size_t, std::string>> found;
  Statement statement = database.prepare("SELECT name FROM names");
  while (statement.step()) {
    std::optional<Reference> name = Reference::find(statement.text(0));
    if (!name) continue;
    bool same_repository = name->repository() == wanted.repository();
    std::string repository = name->familiar_repository();
    size_t slips = same_repository ? 0 : distance(repository, wanted.familiar_repository());
    bool same_last = name->path.substr(name->path.rfind('/') + 1) == wanted.path.substr(wanted.path.rfind('/') + 1);
    if (same_last || slips <= std::max<size_t>(1, repository.size() / 4)) found.emplace_back(slips, name->familiar());
  }
  std::sort(found.begin(), found.end());
  if (found.size() > kSuggestions) found.resize(kSuggestions);
  std::vector<std::string> names;
  for (auto& entry : found) names.push_back(std::move(entry.second));
  return names;
}

}  // namespace

std::optional<Digest> Store::find_image_id(std::string_view name_or_id) {
  // Before any name: an image called sha256 with such a tag must not stand in for the one with this id.
  if (std::optional<Digest> whole = Digest::find(name_or_id)) {
    return tables::has_image(database(), *whole) ? whole : std::nullopt;
  }
  std::optional<Reference> name = Reference::find(name_or_id);
  if (name) {
    if (std::optional<Digest> id = find_by_name(database(), name->with_default_tag())) return id;
  }
  std::optional<std::string_view> digits = find_id_prefix(name_or_id);
  if (digits) return find_by_prefix(database(), *digits);
  if (!name) Reference::parse(name_or_id);  // throws, and says what is wrong
  return std::nullopt;
}

Digest Store::resolve(std::string_view name_or_id) {
  if (std::optional<Digest> id = find_image_id(name_or_id)) return std::move(*id);
  std::string text = "no image '" + std::string(name_or_id) + "' here";
  std::optional<Reference> name = Reference::find(name_or_id);
  std::vector<std::string> similar =
      name ? similar_names(database(), name->with_default_tag()) : std::vector<std::string>{};
  for (size_t i = 0; i < similar.size(); ++i) {
    text += (i == 0 ? ": did you mean '" : i + 1 == similar.size() ? "' or '" : "', '") + similar[i];
  }
  text += similar.empty() ? ": 'ctr images' lists what there is" : "'?";
  throw Error(ErrorKind::not_found, text);
}

void Store::tag(const Digest& image, const Reference& name) {
  Transaction transaction(database());
  if (!tables::has_image(database(), image)) throw Error(ErrorKind::not_found, "no image with id " + image.text());
  tables::put_name(database(), name, image);
  transaction.commit();
}

}  // namespace crun::image
