// list_images.
#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "crun/images.h"
#include "engine/filters.h"
#include "engine/image/images.h"
#include "engine/impl.h"
#include "image/oci/reference.h"

namespace crun {

using namespace engine;

namespace {

constexpr const char* kKeys = "dangling, label, reference, before or since";

// The ids of images, each with how many containers use it.
std::map<std::string, size_t> count_users(Engine::Impl& engine) {
  std::map<std::string, size_t> users;
  for (const Container& container : all_containers(engine)) {
    if (uses_image(engine.config(), container)) ++users[container.image_id];
  }
  return users;
}

bool is_named(const std::string& name, const image::Reference& wanted) {
  image::Reference mine = image::Reference::parse(name);
  return mine.repository() == wanted.repository() && (wanted.tag.empty() || mine.tag == wanted.tag);
}

// docker's pattern fits a name as people write it, with its tag or without; a star does not cross a slash.
bool matches(const std::string& name, const std::string& pattern) {
  image::Reference mine = image::Reference::parse(name);
  return fnmatch(pattern.c_str(), mine.familiar().c_str(), FNM_PATHNAME) == 0 ||
         fnmatch(pattern.c_str(), mine.familiar_repository().c_str(), FNM_PATHNAME) == 0;
}

bool parse_truth(const std::string& text) {
  for (const char* word : {"1", "t", "true", "True", "TRUE"}) {
    if (text == word) return true;
  }
  for (const char* word : {"0", "f", "false", "False", "FALSE"}) {
    if (text == word) return false;
  }
  throw Error(ErrorKind::invalid, "--filter dangling: '" + text + "' is neither true nor false");
}

bool fits(image::Store& store, const ImageSummary& image, const std::string& key, const std::string& value) {
  if (key == "reference") return true;  // seen to already, name by name
  if (key == "dangling") return parse_truth(value) == image.tags.empty();
  if (key == "label") return has_label(image.labels, value);
  if (key == "before") return image.created < store.get_image(store.resolve(value)).created;
  if (key == "since") return image.created > store.get_image(store.resolve(value)).created;
  throw Error(ErrorKind::invalid, "--filter " + key + ": unknown; use " + kKeys);
}

// Takes away the names that were not asked for. False where names were asked for and none is left.
bool keep_named(std::vector<std::string>& names, const ImageFilter& filter) {
  std::vector<std::string> patterns;
  for (const auto& [key, value] : filter.filters) {
    if (key == "reference") patterns.push_back(value);
  }
  if (filter.reference.empty() && patterns.empty()) return true;
  std::optional<image::Reference> wanted;
  if (!filter.reference.empty()) wanted = image::Reference::parse(filter.reference);
  std::erase_if(names, [&](const std::string& name) {
    bool fit = std::any_of(patterns.begin(), patterns.end(), [&](const auto& text) { return matches(name, text); });
    return (wanted && !is_named(name, *wanted)) || (!patterns.empty() && !fit);
  });
  return !names.empty();
}

}  // namespace

std::vector<ImageSummary> list_images(Engine& engine, const ImageFilter& filter) {
  image::Store& store = engine.impl().store();
  std::map<std::string, size_t> users = count_users(engine.impl());
  std::vector<ImageSummary> result;
  for (image::ImageSummary& image : store.list_images()) {
    if (!keep_named(image.names, filter)) continue;
    ImageSummary summary;
    summary.id = image.id.text();
    summary.tags = familiar(image.names);
    summary.digests = familiar(image.repo_digests);
    summary.created = image.created;
    summary.size = static_cast<uint64_t>(image.bytes);
    image::ImageConfig config = store.get_image(image.id).config();
    summary.labels = {config.config.labels.begin(), config.config.labels.end()};
    summary.containers = users[summary.id];
    bool fit = fits_all(filter.filters, [&](const std::string& key, const std::string& value) {
      return fits(store, summary, key, value);
    });
    if (fit) result.push_back(std::move(summary));
  }
  return result;
}

}  // namespace crun
