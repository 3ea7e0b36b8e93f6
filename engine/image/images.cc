// The functions of crun/images.h, over the store and the archives.
#include "crun/images.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "engine/container/places.h"
#include "engine/container/settle.h"
#include "engine/container/tables.h"
#include "engine/image/images.h"
#include "engine/impl.h"
#include "image/oci/reference.h"

namespace crun {

using namespace engine;

using nlohmann::json;

namespace engine {

std::vector<std::string> familiar(const std::vector<std::string>& canonical) {
  std::vector<std::string> names;
  for (const std::string& name : canonical) names.push_back(image::Reference::parse(name).familiar());
  return names;
}

bool uses_image(const EngineConfig& config, const Container& container) {
  return container.kept || condition_of(places_of(config, container.id, false)).unfinished;
}

}  // namespace engine

std::string inspect_image(Engine& engine, const std::string& name) {
  image::Store& store = engine.impl().store();
  image::Image image = store.get_image(store.resolve(name));
  json config = parse_json(image.config_text, "the image's configuration");
  json lower = json::array();
  for (auto layer = image.layers.rbegin(); layer != image.layers.rend(); ++layer) {
    lower.push_back(store.layers_path() + "/" + layer->id);
  }
  json diff_ids = json::array();
  for (const image::Digest& diff_id : image.config().diff_ids) diff_ids.push_back(diff_id.text());
  std::string comment =
      config.contains("history") && !config["history"].empty() ? config["history"].back().value("comment", "") : "";
  json result = {{"Id", image.id.text()},
                 {"RepoTags", familiar(image.names)},
                 {"RepoDigests", familiar(image.repo_digests)},
                 {"Parent", ""},
                 {"Comment", comment},
                 {"Created", config.value("created", "")},
                 {"Author", config.value("author", "")},
                 {"Config", config.value("config", json::object())},
                 {"Architecture", config.value("architecture", "")},
                 {"Os", config.value("os", "")},
                 {"Size", image.bytes},
                 {"GraphDriver", {{"Name", "overlay"}, {"Data", {{"LowerDir", lower}}}}},
                 {"RootFS", {{"Type", "layers"}, {"Layers", diff_ids}}},
                 {"Metadata", {{"LastTagTime", format_rfc3339(image.stored)}}}};
  if (config.contains("variant")) result["Variant"] = config["variant"];
  return write_json(result);
}

void tag_image(Engine& engine, const std::string& source, const std::string& target) {
  image::Reference name = image::Reference::parse(target);
  if (name.digest) throw Error(ErrorKind::invalid, "tag: '" + target + "' has a digest; a new name has a tag alone");
  image::Store& store = engine.impl().store();
  store.tag(store.resolve(source), name.with_default_tag());
}

RemovedImage remove_image(Engine& engine, const std::string& name, bool force) {
  Engine::Impl& impl = engine.impl();
  settle_strays(impl);
  image::Store& store = impl.store();
  // `run` writes its use there before it reads the image, so from here on none begins.
  state::Transaction no_new_users(impl.run().database());
  auto users = [&](const image::Digest& id) {
    std::vector<image::ImageUser> result;
    for (const Container& container : containers_of_image(impl, id.text())) {
      if (!uses_image(engine.config(), container)) continue;
      Places places = places_of(engine.config(), container.id, container.kept);
      result.push_back({container.id.substr(0, 12), condition_of(places).unfinished});
    }
    return result;
  };
  RemovedImage removed;
  for (const image::Removal& step : store.remove_image(name, force, users)) {
    auto& list = step.what == image::Removal::What::untagged ? removed.untagged : removed.deleted;
    list.push_back(step.object);
  }
  no_new_users.commit();
  store.empty_trash();
  return removed;
}

}  // namespace crun
