#include "image/build/plan.h"

#include "crun/error.h"

namespace crun::build {
namespace {

class Planner {
 public:
  Planner(const dockerfile::Source& source, char escape, const Graph& graph, BuildArguments& arguments,
          const ImageLookup& lookup)
      : source_(source), escape_(escape), graph_(graph), arguments_(arguments), lookup_(lookup) {}

  Plan make() {
    for (size_t number : graph_.order) add_stage(graph_.stages[number]);
    return std::move(plan_);
  }

 private:
  void add_stage(const Stage& stage) {
    PlannedStage planned;
    planned.stage = &stage;
    if (graph_.stages.size() > 1)
      planned.title = stage.name.empty() ? "stage-" + std::to_string(stage.number) : stage.name;
    StageState state = begin(stage, planned);
    planned.start = state.config;
    // `FROM scratch` is no step, as docker counts them.
    planned.shown = stage.is_scratch() ? 0 : 1;
    Scope scope{source_, escape_, graph_, stage.number, arguments_};
    for (const dockerfile::Instruction* instruction : stage.instructions) {
      Evaluated evaluated = evaluate(scope, *instruction, state);
      resolve_image(*instruction, evaluated.step);
      PlannedStep step{instruction, std::move(evaluated.step), std::move(evaluated.created_by), 0};
      if (!std::holds_alternative<std::monostate>(step.step)) step.number = ++planned.shown;
      planned.steps.push_back(std::move(step));
    }
    planned.end = std::move(state);
    plan_.stages.push_back(std::move(planned));
  }

  StageState begin(const Stage& stage, PlannedStage& planned) {
    if (stage.base_stage) return StageState::from(plan_.of(*stage.base_stage).end.config);
    if (stage.is_scratch()) return StageState::scratch();
    BaseImage base = look_up(stage.image, stage.image.value);
    planned.base_image = base.id;
    try {
      return StageState::from(std::move(base.config));
    } catch (const Error& error) {
      throw Error(error.kind(), source_.error(stage.image.at, error.text()).text());
    }
  }

  BaseImage look_up(const dockerfile::Text& text, const std::string& name) {
    try {
      return lookup_(name);
    } catch (const Error& error) {
      throw Error(error.kind(), source_.error(text.at, error.text()).text());
    }
  }

  // COPY --from of what is no stage: an image, by its id from here on.
  void resolve_image(const dockerfile::Instruction& instruction, Step& step) {
    CopyStep* copy = std::get_if<CopyStep>(&step);
    if (copy == nullptr || !copy->from || copy->from->stage) return;
    copy->from->image = look_up(*std::get<dockerfile::Copy>(instruction.body).from, copy->from->image).id;
  }

  const dockerfile::Source& source_;
  char escape_;
  const Graph& graph_;
  BuildArguments& arguments_;
  const ImageLookup& lookup_;
  Plan plan_;
};

}  // namespace

const PlannedStage& Plan::of(size_t number) const {
  for (const PlannedStage& stage : stages) {
    if (stage.stage->number == number) return stage;
  }
  throw Error(ErrorKind::internal, "a stage that is needed was not planned");
}

Plan make_plan(const dockerfile::Source& source, char escape, const Graph& graph, BuildArguments& arguments,
               const ImageLookup& lookup) {
  return Planner(source, escape, graph, arguments, lookup).make();
}

}  // namespace crun::build
