#include "image/archive/pack_job.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "crun/error.h"
#include "image/archive/protocol.h"

namespace crun::archive {

using nlohmann::json;

namespace {
constexpr int kVersion = 1;
}  // namespace

std::string write_pack_job(const PackJob& job) {
  json images = json::array();
  for (const PackImage& image : job.images) {
    images.push_back(
        {{"id", image.id.text()}, {"config", image.config}, {"names", image.names}, {"layers", image.layers}});
  }
  json layers = json::array();
  for (const PackLayer& layer : job.layers)
    layers.push_back({{"folder", layer.folder}, {"diffId", layer.diff_id.text()}});
  return write_json({{"version", kVersion},
                     {"docker", job.format == Format::docker_archive},
                     {"images", std::move(images)},
                     {"layers", std::move(layers)}});
}

PackJob parse_pack_job(std::string_view text) {
  try {
    json value = parse_json(text, "the request", {kReportLimit, 16});
    if (value.at("version").get<int>() != kVersion) throw Error(ErrorKind::invalid, "a request of another release");
    PackJob job;
    job.format = value.at("docker").get<bool>() ? Format::docker_archive : Format::oci_archive;
    for (const json& layer : value.at("layers")) {
      job.layers.push_back(
          {layer.at("folder").get<std::string>(), image::Digest::parse(layer.at("diffId").get<std::string>())});
    }
    for (const json& image : value.at("images")) {
      PackImage one{image::Digest::parse(image.at("id").get<std::string>()), image.at("config").get<std::string>(),
                    image.at("names").get<std::vector<std::string>>(), image.at("layers").get<std::vector<size_t>>()};
      for (size_t layer : one.layers) {
        if (layer >= job.layers.size()) throw Error(ErrorKind::invalid, "the request names a layer that it lacks");
      }
      job.images.push_back(std::move(one));
    }
    return job;
  } catch (const json::exception& error) {
    throw Error(ErrorKind::invalid, std::string("the request is malformed: ") + error.what());
  }
}

}  // namespace crun::archive
