// A plan becomes layers and an image: each step taken from the cache where its inputs are the same as before, or done.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "image/build/cache_key.h"
#include "image/build/digest_index.h"
#include "image/build/layer_stack.h"
#include "image/build/plan.h"
#include "image/build/progress.h"
#include "image/build/source_tree.h"
#include "image/build/steps.h"
#include "image/store/store.h"

namespace crun::build {

// What went wrong in which step; details: the step's last output and the Dockerfile's lines, to be printed before the
// text.
class StepFailed : public Error {
 public:
  StepFailed(ErrorKind kind, std::string text, std::string details)
      : Error(kind, std::move(text)), details_(std::move(details)) {}
  const std::string& details() const noexcept { return details_; }

 private:
  std::string details_;
};

// All borrowed but the functions.
struct SolverParts {
  image::Store& store;
  Executor& executor;
  const SourceTree& context;
  DigestIndex& digests;
  Progress& progress;
  // Unpacks an archive into an empty folder. False, with nothing done, where the file is none.
  std::function<bool(int file, const Dir& empty)> unpack;
  std::string scope;  // which context and Dockerfile: for what the cache says of a miss
  bool use_cache = true;
  Network network = Network::none;
  int stop = -1;  // readable: the build ends before its next step (Error{busy})
};

class Solver {
 public:
  Solver(SolverParts parts, const dockerfile::Source& source, const Plan& plan);

  // Builds all stages of the plan and stores the last one, with these names. Throws StepFailed, Error,
  // image::LayersGone. What was finished before is in the cache, all else is gone.
  image::Digest solve(const std::vector<image::Reference>& names);

 private:
  struct BuiltStage {
    LayerStack stack;
    std::vector<image::History> history;
    std::string created;  // of the last layer: RFC 3339
  };
  // Of one step: the layer, or none where it changed nothing.
  struct StepResult {
    std::optional<image::LayerId> layer;
    std::optional<image::Digest> diff_id;
    std::string created;
  };

  BuiltStage build_stage(const PlannedStage& stage);
  BuiltStage begin_stage(const PlannedStage& stage);
  void build_step(const PlannedStage& stage, const PlannedStep& step, BuiltStage& built);
  StepResult take_step(const PlannedStage& stage, const PlannedStep& step, const BuiltStage& built);
  StepResult run(const RunStep& step, const std::string& scope, const BuiltStage& built);
  StepResult copy(const CopyStep& step, const std::string& scope, const BuiltStage& built);
  StepResult make_folder(const FolderStep& step, const std::string& scope, const BuiltStage& built);
  std::optional<StepResult> find_cached(const std::string& key);
  StepResult cached_or_made(const Inputs& inputs, const std::string& scope, const BuiltStage& built,
                            const LayerMaker::Write& write);
  std::optional<Dir> open_archive(int file);
  LayerStack stack_of(const CopySource& source);
  LayerStack stack_of_image(const std::string& id);
  image::Digest store_image(const PlannedStage& stage, const BuiltStage& built,
                            const std::vector<image::Reference>& names);
  [[noreturn]] void fail(const PlannedStep& step, const Error& error);
  std::string title(const PlannedStage& stage, size_t number, const std::string& text) const;

  SolverParts parts_;
  const dockerfile::Source& source_;
  const Plan& plan_;
  image::Work work_;
  LayerMaker layers_;
  std::map<size_t, BuiltStage> built_;  // by the stage's number
};

}  // namespace crun::build
