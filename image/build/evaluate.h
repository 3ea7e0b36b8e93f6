// One instruction after the other changes a stage's configuration; what must be done on disk for it comes out as a
// step. Nothing here touches a file: the same instructions and arguments give the same steps.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "image/build/graph.h"
#include "image/build/variables.h"
#include "image/oci/config.h"

namespace crun::build {

struct RunStep {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;                              // "NAME=value"
  std::vector<std::pair<std::string, std::string>> build_arguments;  // those in the environment, for the history
  std::string user;
  std::string working_dir;  // absolute
  bool shell_form = false;
};

struct CopyStep {
  bool add = false;
  std::vector<std::string> sources;  // as in the file, after substitution
  std::string destination;           // absolute; ends in a slash where it was meant as a folder
  std::optional<CopySource> from;    // nothing: the build's context
  std::optional<std::string> owner;  // --chown: "user[:group]"
  std::optional<unsigned> mode;      // --chmod: permission bits
};

struct FolderStep {
  std::string path;  // WORKDIR: made where it is missing; absolute and clean
};

// What an instruction asks of the disk; nothing for those that change the configuration alone.
using Step = std::variant<std::monostate, RunStep, CopyStep, FolderStep>;

struct StageState {
  image::ImageConfig config;
  Variables environment;  // config.config.env as variables
  Variables arguments;    // those ARGs that have a value
  bool cmd_set = false;   // by this stage: a new ENTRYPOINT does not take it away

  // Of a stage that begins with nothing, as docker has it: PATH is set, "/" is where it starts.
  static StageState scratch();
  // Of one that begins with an image or with another stage. Throws Error{unsupported} where that has ONBUILD triggers.
  static StageState from(image::ImageConfig config);
};

// What all the instructions of a stage are evaluated with.
struct Scope {
  const dockerfile::Source& source;
  char escape;
  const Graph& graph;
  size_t stage;
  BuildArguments& arguments;
};

struct Evaluated {
  Step step;
  std::string created_by;  // for the history, in docker's form
};

// Changes `state`, its history not. Throws Error{invalid} with the place.
Evaluated evaluate(const Scope& scope, const dockerfile::Instruction& instruction, StageState& state);

}  // namespace crun::build
