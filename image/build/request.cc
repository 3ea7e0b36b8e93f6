#include "image/build/request.h"

#include <nlohmann/json.hpp>

#include "crun/error.h"

namespace crun::build {
namespace {

constexpr int kVersion = 1;

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::invalid, "build request: " + what); }

Network network_from(const std::string& name) {
  if (name == "none") return Network::none;
  if (name == "host") return Network::host;
  refuse("unknown network '" + name + "': none and host are there");
}

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

nlohmann::json to_json(const NamedTexts& pairs) {
  nlohmann::json result = nlohmann::json::array();
  for (const auto& [name, value] : pairs) result.push_back({name, value});
  return result;
}

NamedTexts pairs_from(const nlohmann::json& value) {
  NamedTexts result;
  for (const nlohmann::json& pair : value) {
    result.emplace_back(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
  }
  return result;
}

}  // namespace

nlohmann::json to_json(const Request& request) {
  return {{"version", kVersion},
          {"root", request.root},
          {"runRoot", request.run_root},
          {"context", request.context},
          {"dockerfile", request.dockerfile},
          {"tags", request.tags},
          {"target", request.target},
          {"buildArgs", to_json(request.arguments)},
          {"labels", to_json(request.labels)},
          {"noCache", request.no_cache},
          {"quiet", request.quiet},
          {"network", request.network == Network::host ? "host" : "none"}};
}

Request request_from_json(const nlohmann::json& value) {
  Request request;
  try {
    if (value.at("version").get<int>() != kVersion) refuse("made by another release of ctr");
    if (value.size() != to_json(request).size()) refuse("it has fields that are not known");
    value.at("root").get_to(request.root);
    value.at("runRoot").get_to(request.run_root);
    value.at("context").get_to(request.context);
    value.at("dockerfile").get_to(request.dockerfile);
    value.at("tags").get_to(request.tags);
    value.at("target").get_to(request.target);
    request.arguments = pairs_from(value.at("buildArgs"));
    request.labels = pairs_from(value.at("labels"));
    value.at("noCache").get_to(request.no_cache);
    value.at("quiet").get_to(request.quiet);
    request.network = network_from(value.at("network").get<std::string>());
  } catch (const nlohmann::json::exception&) {
    refuse("a field is missing or has the wrong type");
  }
  return request;
}

}  // namespace crun::build
