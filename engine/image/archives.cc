// load, save and import of crun/images.h.
#include "crun/images.h"
#include "engine/image/changes.h"
#include "engine/impl.h"
#include "image/archive/load.h"
#include "image/archive/save.h"

namespace crun {

using namespace engine;

namespace {

std::vector<std::string> familiar(const std::vector<image::Reference>& references) {
  std::vector<std::string> names;
  for (const image::Reference& reference : references) names.push_back(reference.familiar());
  return names;
}

}  // namespace

std::vector<LoadedImage> load_images(Engine& engine, int archive) {
  archive::Input input;
  input.fd = archive;
  std::vector<LoadedImage> loaded;
  for (archive::LoadedImage& image : archive::load_images(engine.impl().store(), engine.config().libexec, input)) {
    loaded.push_back({image.id.text(), familiar(image.names)});
  }
  return loaded;
}

void save_images(Engine& engine, const std::vector<std::string>& names, ArchiveFormat format, int out) {
  image::Store& store = engine.impl().store();
  std::vector<archive::SaveItem> items;
  for (const std::string& name : names) {
    archive::SaveItem item{store.resolve(name), {}};
    // Named by its id it is saved without a name, as docker does.
    std::optional<image::Reference> reference = image::Reference::find(name);
    if (reference && !reference->digest) {
      std::string canonical = reference->with_default_tag().canonical();
      image::Image image = store.get_image(item.id);
      for (const std::string& mine : image.names) {
        if (mine == canonical) item.names.push_back(image::Reference::parse(mine));
      }
    }
    items.push_back(std::move(item));
  }
  archive::save_images(
      store, engine.config().libexec, items,
      format == ArchiveFormat::oci_archive ? archive::Format::oci_archive : archive::Format::docker_archive, out);
}

std::string import_image(Engine& engine, const ImportRequest& request) {
  archive::ImportOptions options;
  if (!request.reference.empty()) options.name = image::Reference::parse(request.reference).with_default_tag();
  options.message = request.message;
  for (const std::string& change : request.changes) apply_change(options.config.config, change);
  archive::Input input;
  input.fd = request.archive;
  return archive::import_image(engine.impl().store(), engine.config().libexec, input, options).text();
}

}  // namespace crun
