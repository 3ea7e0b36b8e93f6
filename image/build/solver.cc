#include "image/build/solver.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "crun/error.h"
#include "image/build/source_digest.h"
#include "image/build/stop.h"
#include "image/layer/digest.h"

namespace crun::build {
namespace {

std::string network_name(Network network) { return network == Network::host ? "host" : "none"; }

// A text of several lines as one, for a step's title.
std::string one_line(const std::string& text) {
  std::string result;
  for (char c : text) {
    bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!space) {
      result += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  return result;
}

// Step and what went wrong as BuildKit's users know it: the last output between rules, then the Dockerfile's lines.
std::string details_of(const Progress& progress, const std::string& excerpt) {
  std::string details;
  if (!progress.last_lines().empty()) {
    details = "------\n > " + progress.title() + ":\n";
    for (const std::string& line : progress.last_lines()) details += line + "\n";
    details += "------\n";
  }
  return details + excerpt;
}

}  // namespace

Solver::Solver(SolverParts parts, const dockerfile::Source& source, const Plan& plan)
    : parts_(std::move(parts)),
      source_(source),
      plan_(plan),
      work_(parts_.store.begin_work("build")),
      layers_(parts_.store, work_, parts_.executor) {}

image::Digest Solver::solve(const std::vector<image::Reference>& names) {
  for (const PlannedStage& stage : plan_.stages) built_[stage.stage->number] = build_stage(stage);
  const PlannedStage& target = plan_.stages.back();
  image::Digest id = store_image(target, built_.at(target.stage->number), names);
  work_.finish();
  return id;
}

std::string Solver::title(const PlannedStage& stage, size_t number, const std::string& text) const {
  std::string place = fmt::format("{}/{}", number, stage.shown);
  return fmt::format("[{}{}] {}", stage.title.empty() ? "" : stage.title + " ", place, one_line(text));
}

Solver::BuiltStage Solver::begin_stage(const PlannedStage& stage) {
  if (stage.stage->base_stage) return built_.at(*stage.stage->base_stage);
  BuiltStage built;
  if (stage.base_image.empty()) return built;
  built.stack = stack_of_image(stage.base_image);
  built.history = stage.start.history;
  built.created = stage.start.created;
  return built;
}

Solver::BuiltStage Solver::build_stage(const PlannedStage& stage) {
  BuiltStage built = begin_stage(stage);
  if (!stage.base_image.empty()) {
    parts_.progress.begin(title(stage, 1, "FROM " + stage.stage->image.value));
    parts_.progress.done();
  }
  for (const PlannedStep& step : stage.steps) {
    try {
      build_step(stage, step, built);
    } catch (const image::LayersGone&) {
      throw;
    } catch (const Error& error) {
      fail(step, error);
    }
  }
  return built;
}

void Solver::build_step(const PlannedStage& stage, const PlannedStep& step, BuiltStage& built) {
  check_stop(parts_.stop);
  image::History history;
  history.created_by = step.created_by;
  history.empty_layer = true;
  if (step.number != 0) {
    StepResult result = take_step(stage, step, built);
    if (result.layer) {
      built.stack.push(*result.layer, *result.diff_id);
      built.created = result.created;
      history.empty_layer = false;
    }
  }
  history.created = built.created;
  built.history.push_back(std::move(history));
}

Solver::StepResult Solver::take_step(const PlannedStage& stage, const PlannedStep& step, const BuiltStage& built) {
  parts_.progress.begin(title(stage, step.number, step.instruction->text));
  std::string scope = fmt::format("{} {} {}", parts_.scope, stage.stage->number, step.number);
  if (const RunStep* run_step = std::get_if<RunStep>(&step.step)) return run(*run_step, scope, built);
  if (const CopyStep* copy_step = std::get_if<CopyStep>(&step.step)) return copy(*copy_step, scope, built);
  return make_folder(std::get<FolderStep>(step.step), scope, built);
}

Solver::StepResult Solver::run(const RunStep& step, const std::string& scope, const BuiltStage& built) {
  Inputs inputs = run_inputs(step, parent_digest(built.stack.diff_ids), network_name(parts_.network));
  return cached_or_made(inputs, scope, built, [this, &step](Dir root, const Dir& upper) {
    run_command(parts_.executor, parts_.progress, step, parts_.network, parts_.stop, std::move(root), upper);
  });
}

Solver::StepResult Solver::copy(const CopyStep& step, const std::string& scope, const BuiltStage& built) {
  std::string parent = parent_digest(built.stack.diff_ids);
  std::optional<SourceTree> other;
  LayerStack from;
  if (step.from) from = stack_of(*step.from);
  auto tree = [&]() -> const SourceTree& {
    if (!step.from) return parts_.context;
    if (!other)
      other.emplace(layers_.view(from), IgnoreRules(), step.from->stage ? "the stage" : "the image", parts_.stop);
    return *other;
  };
  std::vector<std::vector<SourceMatch>> matches;
  auto find_matches = [&] {
    for (const std::string& word : step.sources) matches.push_back(tree().find(word));
  };
  std::vector<std::string> digests(step.sources.size(), parent_digest(from.diff_ids));
  if (!step.from) {
    find_matches();
    for (size_t i = 0; i < matches.size(); ++i) digests[i] = source_digest(parts_.context, matches[i], parts_.digests);
  }
  return cached_or_made(copy_inputs(step, parent, digests), scope, built, [&](Dir root, const Dir&) {
    if (matches.empty()) find_matches();
    copy_sources(
        step, tree(), matches, [this](int file) { return open_archive(file); }, root);
  });
}

Solver::StepResult Solver::make_folder(const FolderStep& step, const std::string& scope, const BuiltStage& built) {
  return cached_or_made(folder_inputs(step, parent_digest(built.stack.diff_ids)), scope, built,
                        [&step](Dir root, const Dir&) { make_working_folder(step, root); });
}

std::optional<Solver::StepResult> Solver::find_cached(const std::string& key) {
  std::optional<image::CacheRecord> record = parts_.store.find_cache(key);
  if (!record) return std::nullopt;
  nlohmann::json result = parse_json(record->result, "a cache record");
  StepResult step{std::nullopt, std::nullopt, result.value("created", "")};
  if (record->layer.empty()) return step;
  // An rmi of another process may have freed it since the record was read.
  if (!work_.note({record->layer})) return std::nullopt;
  step.layer = record->layer;
  step.diff_id = image::Digest::parse(result.value("diffId", ""));
  return step;
}

Solver::StepResult Solver::cached_or_made(const Inputs& inputs, const std::string& scope, const BuiltStage& built,
                                          const LayerMaker::Write& write) {
  image::CacheRecord record;
  record.key = cache_key(inputs);
  if (parts_.use_cache) {
    if (std::optional<StepResult> cached = find_cached(record.key)) {
      parts_.progress.cached();
      return *cached;
    }
  }
  std::optional<image::Layer> layer = layers_.make(built.stack, write);
  check_stop(parts_.stop);
  StepResult result{std::nullopt, std::nullopt, format_rfc3339(unix_nanoseconds())};
  nlohmann::json kept = {{"created", result.created}};
  if (layer) {
    result.layer = layer->id;
    result.diff_id = layer->info.diff_id;
    record.layer = layer->id;
    kept["diffId"] = layer->info.diff_id.text();
  }
  record.scope = scope;
  record.inputs = inputs;
  record.result = write_json(kept);
  work_.put_cache(record);
  parts_.progress.done();
  return result;
}

// Into the folder of a draft that is never committed: it goes with the work.
std::optional<Dir> Solver::open_archive(int file) {
  image::LayerDraft draft = work_.begin_layer();
  if (!parts_.unpack(file, draft.diff())) return std::nullopt;
  return draft.diff().duplicate();
}

LayerStack Solver::stack_of(const CopySource& source) {
  if (source.stage) return built_.at(*source.stage).stack;
  return stack_of_image(source.image);
}

LayerStack Solver::stack_of_image(const std::string& id) {
  image::Image image = parts_.store.get_image(image::Digest::parse(id));
  LayerStack stack;
  for (const image::Layer& layer : image.layers) stack.push(layer.id, layer.info.diff_id);
  if (!work_.note(stack.ids))
    throw Error(ErrorKind::not_found, "the image " + id + " was removed while it was to be built on");
  return stack;
}

image::Digest Solver::store_image(const PlannedStage& stage, const BuiltStage& built,
                                  const std::vector<image::Reference>& names) {
  parts_.progress.begin("exporting to image");
  image::ImageConfig config = stage.end.config;
  config.diff_ids = built.stack.diff_ids;
  config.history = built.history;
  config.created = built.created;
  std::string text = image::write_image_config(config);
  image::NewImage image{image::Digest::parse(layer::sha256_digest(text)), text, "", built.stack.ids};
  work_.put_image(image, names);
  parts_.progress.output("writing image " + image.id.text() + "\n");
  for (const image::Reference& name : names) parts_.progress.output("naming to " + name.canonical() + "\n");
  parts_.progress.done();
  return image.id;
}

void Solver::fail(const PlannedStep& step, const Error& error) {
  const std::string& text = error.text();
  parts_.progress.show_held();
  parts_.progress.failed(text.substr(0, text.find('\n')));
  throw StepFailed(error.kind(), text, details_of(parts_.progress, source_.excerpt(step.instruction->lines)));
}

}  // namespace crun::build
