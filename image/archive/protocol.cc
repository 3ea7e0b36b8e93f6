#include "image/archive/protocol.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace crun::archive {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;

struct KindName {
  ErrorKind kind;
  const char* name;
};
constexpr KindName kKinds[] = {{ErrorKind::invalid, "invalid"}, {ErrorKind::not_found, "not found"},
                               {ErrorKind::exists, "exists"},   {ErrorKind::busy, "busy"},
                               {ErrorKind::denied, "denied"},   {ErrorKind::unsupported, "unsupported"},
                               {ErrorKind::system, "system"},   {ErrorKind::internal, "internal"}};

json digest_or_null(const std::optional<image::Digest>& digest) {
  return digest ? json(digest->text()) : json(nullptr);
}

std::optional<image::Digest> optional_digest(const json& value) {
  if (value.is_null()) return std::nullopt;
  return image::Digest::parse(value.get<std::string>());
}

image::Digest digest(const json& value) { return image::Digest::parse(value.get<std::string>()); }

[[noreturn]] void throw_failure(const json& failure) {
  std::string text = failure.at("text").get<std::string>();
  std::string name = failure.at("kind").get<std::string>();
  int number = failure.at("errno").get<int>();
  if (number > 0) {
    // The text ends with the errno's own words, which SysError would add again.
    std::string ending = ": " + errno_text(number);
    bool has_ending =
        text.size() > ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
    throw SysError(number, has_ending ? text.substr(0, text.size() - ending.size()) : text);
  }
  for (const KindName& known : kKinds) {
    if (name == known.name) throw Error(known.kind, text);
  }
  throw Error(ErrorKind::internal, text);
}

// Reads a report by `read`; whatever is wrong with its form is our own helper's fault.
template <typename Read>
auto parse_report(std::string_view text, const Read& read) {
  json value;
  try {
    value = parse_json(text, "the helper's report", {kReportLimit, 16});
    if (value.at("version").get<int>() != kVersion) throw Error(ErrorKind::internal, "a helper of another release");
  } catch (const json::exception& error) {
    throw Error(ErrorKind::internal, std::string("the helper's report is malformed: ") + error.what());
  }
  try {
    if (value.contains("failure")) throw_failure(value.at("failure"));
    return read(value);
  } catch (const json::exception& error) {
    throw Error(ErrorKind::internal, std::string("the helper's report is malformed: ") + error.what());
  }
}

IndexedLayer read_layer(const json& value) {
  return IndexedLayer{value.at("name").get<std::string>(), value.at("offset").get<uint64_t>(),
                      value.at("size").get<uint64_t>(),    digest(value.at("diffId")),
                      digest(value.at("chainId")),         optional_digest(value.at("blobDigest"))};
}

IndexedImage read_image(const json& value) {
  IndexedImage result{digest(value.at("id")),
                      value.at("originalConfig").get<std::string>(),
                      value.at("config").get<std::string>(),
                      value.at("names").get<std::vector<std::string>>(),
                      {}};
  for (const json& layer : value.at("layers")) result.layers.push_back(read_layer(layer));
  return result;
}

}  // namespace

std::string write_job(const Job& job) {
  json value = {{"version", kVersion}};
  if (const auto* layer = std::get_if<LayerJob>(&job)) {
    value["layer"] = {{"offset", layer->offset},          {"size", layer->size},         {"seekable", layer->seekable},
                      {"blobDigest", layer->blob_digest}, {"complete", layer->complete}, {"lowers", layer->lowers},
                      {"twoThreads", layer->two_threads}};
  } else if (const auto* index = std::get_if<IndexJob>(&job)) {
    value["index"] = {{"offset", index->offset},
                      {"seekable", index->seekable},
                      {"os", index->platform.os},
                      {"architecture", index->platform.architecture},
                      {"variant", index->platform.variant}};
  } else if (std::holds_alternative<ExtractJob>(job)) {
    value["extract"] = json::object();
  } else {
    value["digest"] = json::object();
  }
  return write_json(value);
}

Job parse_job(std::string_view text) {
  try {
    json value = parse_json(text, "the request");
    if (value.at("version").get<int>() != kVersion) throw Error(ErrorKind::invalid, "a request of another release");
    if (value.contains("layer")) {
      const json& layer = value.at("layer");
      return LayerJob{layer.at("offset").get<uint64_t>(), layer.at("size").get<uint64_t>(),
                      layer.at("seekable").get<bool>(),   layer.at("blobDigest").get<bool>(),
                      layer.at("complete").get<bool>(),   layer.at("lowers").get<size_t>(),
                      layer.at("twoThreads").get<bool>()};
    }
    if (value.contains("index")) {
      const json& index = value.at("index");
      IndexJob job{index.at("offset").get<uint64_t>(), index.at("seekable").get<bool>(), {}};
      job.platform.os = index.at("os").get<std::string>();
      job.platform.architecture = index.at("architecture").get<std::string>();
      job.platform.variant = index.at("variant").get<std::string>();
      return job;
    }
    if (value.contains("extract")) return ExtractJob{};
    value.at("digest");
    return DigestJob{};
  } catch (const json::exception& error) {
    throw Error(ErrorKind::invalid, std::string("the request is malformed: ") + error.what());
  }
}

std::string write_report(const LayerReport& report) {
  return write_json({{"version", kVersion},
                     {"diffId", digest_or_null(report.diff_id)},
                     {"blobDigest", digest_or_null(report.blob_digest)},
                     {"entries", report.entries},
                     {"bytes", report.bytes},
                     {"selfContained", report.self_contained},
                     {"lacks", report.lacks}});
}

std::string write_report(const IndexReport& report) {
  json images = json::array();
  for (const IndexedImage& image : report.images) {
    json layers = json::array();
    for (const IndexedLayer& layer : image.layers) {
      layers.push_back({{"name", layer.name},
                        {"offset", layer.offset},
                        {"size", layer.size},
                        {"diffId", layer.diff_id.text()},
                        {"chainId", layer.chain_id.text()},
                        {"blobDigest", digest_or_null(layer.blob_digest)}});
    }
    images.push_back({{"id", image.id.text()},
                      {"originalConfig", image.original_config},
                      {"config", image.config},
                      {"names", image.names},
                      {"layers", std::move(layers)}});
  }
  return write_json({{"version", kVersion}, {"spooled", report.spooled}, {"images", std::move(images)}});
}

std::string write_report(const DigestReport& report) {
  return write_json({{"version", kVersion}, {"digest", report.digest.text()}});
}

std::string write_report(const ExtractReport& report) {
  return write_json({{"version", kVersion}, {"archive", report.archive}});
}

std::string write_failure(const Error& error) {
  const char* name = "internal";
  for (const KindName& known : kKinds) {
    if (known.kind == error.kind()) name = known.name;
  }
  const auto* system = dynamic_cast<const SysError*>(&error);
  return write_json(
      {{"version", kVersion},
       {"failure",
        {{"kind", name}, {"text", error.text()}, {"errno", system != nullptr ? system->errno_value() : 0}}}});
}

void throw_failure_of(std::string_view report) {
  parse_report(report, [](const json&) { return 0; });
  throw Error(ErrorKind::internal, "a helper reported neither success nor failure");
}

LayerReport parse_layer_report(std::string_view text) {
  return parse_report(text, [](const json& value) {
    return LayerReport{optional_digest(value.at("diffId")),   optional_digest(value.at("blobDigest")),
                       value.at("entries").get<uint64_t>(),   value.at("bytes").get<uint64_t>(),
                       value.at("selfContained").get<bool>(), value.at("lacks").get<std::string>()};
  });
}

IndexReport parse_index_report(std::string_view text) {
  return parse_report(text, [](const json& value) {
    IndexReport report{value.at("spooled").get<bool>(), {}};
    for (const json& image : value.at("images")) report.images.push_back(read_image(image));
    return report;
  });
}

DigestReport parse_digest_report(std::string_view text) {
  return parse_report(text, [](const json& value) { return DigestReport{digest(value.at("digest"))}; });
}

ExtractReport parse_extract_report(std::string_view text) {
  return parse_report(text, [](const json& value) { return ExtractReport{value.at("archive").get<bool>()}; });
}

}  // namespace crun::archive
