// All that a build will do, known and checked before the first step is taken: the instructions of each needed stage,
// evaluated on its base's configuration.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "image/build/evaluate.h"
#include "image/build/graph.h"

namespace crun::build {

// What a plan must know of a stored image.
struct BaseImage {
  std::string id;  // "sha256:…"
  image::ImageConfig config;
};
// Throws Error{not_found}, Error{invalid} for a name that is none.
using ImageLookup = std::function<BaseImage(const std::string& name)>;

struct PlannedStep {
  const dockerfile::Instruction* instruction = nullptr;
  Step step;
  std::string created_by;
  size_t number = 0;  // among the stage's steps that are shown; 0: it changes the configuration alone
};

struct PlannedStage {
  const Stage* stage = nullptr;
  std::string base_image;  // id; "" for scratch and for a stage
  std::vector<PlannedStep> steps;
  size_t shown = 0;          // the number of the last one shown
  image::ImageConfig start;  // what it begins with: of its base
  StageState end;            // after all instructions; its diff ids and history are still the base's

  // "builder", "stage-2", or "" where the file has no other.
  std::string title;
};

struct Plan {
  std::vector<PlannedStage> stages;  // in the order in which they are built; the last is the target
  // The place of a stage's number in `stages`.
  const PlannedStage& of(size_t number) const;
};

// Borrows from graph and the file behind it. Throws Error{invalid} with the place, and what `lookup` throws with the
// place of its name.
Plan make_plan(const dockerfile::Source& source, char escape, const Graph& graph, BuildArguments& arguments,
               const ImageLookup& lookup);

}  // namespace crun::build
