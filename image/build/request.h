// What the engine hands to `ctr-build`, and what it gives back.
//
// The engine starts libexec/ctr/ctr-build in its own working folder, with these descriptors:
//   0  the Dockerfile's text where `dockerfile` is "-"; where `context` is, an archive or a Dockerfile; else /dev/null
//   1  the result: one line, the image's id ("sha256:<64 hex>"), only when all has succeeded
//   2  progress, and the whole of an error's text; nothing is left for the caller to print
//   3  the request: one JSON object (to_json), to end of file, at most kRequestLimit bytes
// Exit codes: 0; 1 the build failed: a step, or something that is missing (a file, an image, a stage); 125 what was
// asked for is malformed (the Dockerfile, a tag, the request itself), or something of ours failed; 130 after SIGINT,
// 143 after SIGTERM, with all undone.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "image/build/executor.h"

namespace crun::build {

constexpr size_t kRequestLimit = 4 << 20;

struct Request {
  std::string root;               // of the store: --root; absolute
  std::string run_root;           // what lives as long as the boot: absolute
  std::string context;            // a folder; relative to the working folder of the process, like `dockerfile`; "-"
  std::string dockerfile;         // empty: `<context>/Dockerfile`; "-": read from fd 0
  std::vector<std::string> tags;  // references as the user wrote them
  std::string target;             // a stage's name or number; empty: the last one
  std::vector<std::pair<std::string, std::string>>
      arguments;  // --build-arg, in order; names without a value are resolved by the caller
  std::vector<std::pair<std::string, std::string>> labels;
  bool no_cache = false;
  bool quiet = false;  // no progress; errors still
  Network network = Network::none;
};

// Version 1: {"version": 1, "root", "runRoot", "context", "dockerfile", "tags", "target", "buildArgs": [["N", "v"]…],
// "labels": the same, "noCache", "quiet", "network"}. Unknown fields and versions are Error{invalid}: caller and helper
// are of one release.
nlohmann::json to_json(const Request& request);
Request request_from_json(const nlohmann::json& value);

}  // namespace crun::build
