// Instructions become stages, and what each needs of the others; stages that the target does not need are left out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "image/build/variables.h"
#include "image/dockerfile/parse.h"

namespace crun::build {

struct Stage {
  size_t number = 0;
  std::string name;                  // AS, in lower case; "" where it has none
  dockerfile::Text image;            // FROM's word after substitution; what it says is "scratch", an image, or:
  std::optional<size_t> base_stage;  // the stage whose name it is
  const dockerfile::Instruction* from = nullptr;
  std::vector<const dockerfile::Instruction*> instructions;  // without FROM

  bool is_scratch() const { return !base_stage && image.value == "scratch"; }
};

// What COPY --from means.
struct CopySource {
  std::optional<size_t> stage;
  std::string image;  // where it is no stage: a reference, and the image's id once it is planned
};

struct Graph {
  std::vector<Stage> stages;
  size_t target = 0;
  std::vector<size_t> order;  // those that the target needs, each after what it needs itself; the target last
  Variables global_arguments;
};

// Borrows from `file`. target: a stage's name or number, "" for the last. Throws Error{invalid} with the place: no
// stage, an instruction before the first, a stage that is needed before it is there; Error{not_found} for an unknown
// target.
Graph make_graph(const dockerfile::Source& source, const dockerfile::File& file, const std::string& target,
                 BuildArguments& arguments);

// from: COPY's flag in the stage `current`. Throws Error{invalid} with the place where it is this stage or a later one.
CopySource resolve_copy_source(const dockerfile::Source& source, const std::vector<Stage>& stages, size_t current,
                               const dockerfile::Text& from);

}  // namespace crun::build
