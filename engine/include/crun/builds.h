// Builds: a Dockerfile and a context become an image, in a process of their own (ctr-build).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "crun/engine.h"

namespace crun {

struct BuildRequest {
  std::string context;            // a folder, read in place; "-": an archive, or a Dockerfile alone, from `input`
  std::string dockerfile;         // path; empty: <context>/Dockerfile; "-": read from `input`
  int input = -1;                 // borrowed
  std::vector<std::string> tags;  // references
  std::string target;             // stage name or number; empty: the last
  std::vector<std::pair<std::string, std::string>> build_args;
  std::vector<std::pair<std::string, std::string>> labels;  // of the image, over those of the Dockerfile
  std::string network;                                      // none | host; empty: the engine's default
  bool use_cache = true;
  bool quiet = false;  // progress is held back and shown only on failure
};

struct BuildResult {
  int exit_code = 0;     // 0, or what the command should exit with; the error has been printed
  std::string image_id;  // "sha256:…", empty on failure
};

// Progress and errors go to this process's stderr. SIGINT and SIGTERM stop every step and leave nothing behind.
CRUN_API BuildResult build_image(Engine& engine, const BuildRequest& request);

}  // namespace crun
