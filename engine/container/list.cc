// list_containers.
#include <algorithm>

#include "base/rfc3339.h"
#include "crun/error.h"
#include "engine/container/describe.h"
#include "engine/container/settle.h"
#include "engine/filters.h"
#include "engine/impl.h"
#include "image/oci/reference.h"

namespace crun {

using namespace engine;

namespace {

// What a filter compares with, and the summary of one container.
struct Candidate {
  const Container& container;
  const ContainerSummary& summary;
};

// Containers that `before=` and `since=` name.
int64_t created_of(const std::vector<Container>& all, const std::string& name) {
  for (const Container& container : all) {
    if (container.name == name || container.id.rfind(name, 0) == 0) return container.created;
  }
  throw Error(ErrorKind::not_found, "no such container: " + name);
}

bool is_ancestor(const Container& container, const std::string& wanted) {
  if (container.image == wanted || container.image_id == wanted) return true;
  std::optional<image::Reference> mine = image::Reference::find(container.image);
  std::optional<image::Reference> other = image::Reference::find(wanted);
  if (mine && other && mine->with_default_tag() == other->with_default_tag()) return true;
  std::optional<std::string_view> prefix = image::find_id_prefix(wanted);
  return prefix && container.image_id.compare(7, prefix->size(), *prefix) == 0;
}

bool fits(const Candidate& candidate, const std::string& key, const std::string& value,
          const std::vector<Container>& all) {
  const ContainerSummary& summary = candidate.summary;
  if (key == "id") return summary.id.rfind(value, 0) == 0;
  if (key == "name") return summary.name.find(value) != std::string::npos;
  if (key == "label") return has_label(summary.labels, value);
  if (key == "status") return summary.state == value;
  if (key == "exited") return summary.state == "exited" && std::to_string(summary.exit_code) == value;
  if (key == "ancestor") return is_ancestor(candidate.container, value);
  if (key == "before") return summary.created < created_of(all, value);
  if (key == "since") return summary.created > created_of(all, value);
  throw Error(ErrorKind::invalid,
              "--filter " + key + ": unknown; use id, name, label, status, exited, ancestor, before or since");
}

}  // namespace

std::vector<ContainerSummary> list_containers(Engine& engine, const ContainerFilter& filter) {
  settle_strays(engine.impl());
  std::vector<Container> all = all_containers(engine.impl());
  // A filter that names a state asks for stopped ones too.
  bool stopped = filter.all || std::any_of(filter.filters.begin(), filter.filters.end(), [](const auto& entry) {
                   return entry.first == "status" || entry.first == "exited";
                 });
  int64_t now = unix_nanoseconds();
  std::vector<ContainerSummary> result;
  for (const Container& container : all) {
    if (settle_ended(engine.impl(), container)) continue;
    Condition condition = condition_of(places_of(engine.config(), container.id, container.kept));
    ContainerSummary summary = summarize(engine.impl(), container, condition, now);
    if (!stopped && summary.state != "running") continue;
    bool fit = fits_all(filter.filters, [&](const std::string& key, const std::string& value) {
      return fits({container, summary}, key, value, all);
    });
    if (fit) result.push_back(std::move(summary));
  }
  return result;
}

}  // namespace crun
