#include "image/build/graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "image/dockerfile/suggestion.h"
#include "image/dockerfile/words.h"

namespace crun::build {
namespace {

using dockerfile::Arg;
using dockerfile::Copy;
using dockerfile::From;
using dockerfile::Instruction;
using dockerfile::Source;
using dockerfile::Text;

// The nearest one above `before` of that name.
std::optional<size_t> find_stage(const std::vector<Stage>& stages, const std::string& name, size_t before) {
  std::string wanted = dockerfile::lower_case(name);
  for (size_t i = std::min(before, stages.size()); i-- > 0;) {
    if (!stages[i].name.empty() && stages[i].name == wanted) return i;
  }
  return std::nullopt;
}

std::optional<size_t> as_number(const std::string& text) {
  if (text.empty() || text.size() > 6) return std::nullopt;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  return static_cast<size_t>(std::stoul(text));
}

class GraphMaker {
 public:
  GraphMaker(const Source& source, const dockerfile::File& file, BuildArguments& arguments)
      : source_(source), file_(file), arguments_(arguments) {}

  Graph make(const std::string& target) {
    for (const Instruction& instruction : file_.list) add(instruction);
    if (graph_.stages.empty())
      throw Error(ErrorKind::invalid, source_.name() + ": it has no FROM, so there is nothing to build");
    graph_.target = find_target(target);
    std::vector<bool> seen(graph_.stages.size(), false);
    add_needed(graph_.target, seen);
    std::sort(graph_.order.begin(), graph_.order.end());
    return std::move(graph_);
  }

 private:
  void add(const Instruction& instruction) {
    if (const From* from = std::get_if<From>(&instruction.body)) {
      add_stage(instruction, *from);
    } else if (!graph_.stages.empty()) {
      graph_.stages.back().instructions.push_back(&instruction);
    } else if (const Arg* arg = std::get_if<Arg>(&instruction.body)) {
      add_global(*arg);
    } else {
      throw source_.error(instruction.at, "only ARG may stand before the first FROM");
    }
  }

  void add_global(const Arg& arg) {
    Expander expander(source_, file_.escape, graph_.global_arguments, none_);
    for (const Arg::One& one : arg.list) {
      std::optional<std::string> value = arguments_.take(one.name.value);
      if (!value && one.value) value = expander.word(*one.value);
      if (value) graph_.global_arguments.set(one.name.value, *value);
    }
  }

  void add_stage(const Instruction& instruction, const From& from) {
    Stage stage;
    stage.number = graph_.stages.size();
    stage.from = &instruction;
    stage.image = from.image;
    stage.image.value = Expander(source_, file_.escape, graph_.global_arguments, none_).word(from.image);
    if (stage.image.value.empty()) {
      throw source_.error(from.image.at,
                          fmt::format("'{}' is empty: declare the variable by ARG before the first FROM, or "
                                      "give it with --build-arg",
                                      from.image.value));
    }
    stage.base_stage = find_stage(graph_.stages, stage.image.value, stage.number);
    if (from.name) stage.name = from.name->value;
    if (stage.name == "scratch") throw source_.error(from.name->at, "a stage cannot be named scratch");
    graph_.stages.push_back(std::move(stage));
  }

  size_t find_target(const std::string& target) const {
    if (target.empty()) return graph_.stages.size() - 1;
    if (std::optional<size_t> found = find_stage(graph_.stages, target, graph_.stages.size())) return *found;
    std::optional<size_t> number = as_number(target);
    if (number && *number < graph_.stages.size()) return *number;
    std::vector<std::string_view> names;
    for (const Stage& stage : graph_.stages) {
      if (!stage.name.empty()) names.push_back(stage.name);
    }
    throw Error(ErrorKind::not_found, fmt::format("{}: it has no stage '{}'{}", source_.name(), target,
                                                  dockerfile::suggestion(dockerfile::lower_case(target), names)));
  }

  void add_needed(size_t number, std::vector<bool>& seen) {
    // A stage needs only earlier ones, so walking down the numbers is enough, and no chain of them is too deep.
    seen[number] = true;
    for (size_t i = number + 1; i-- > 0;) {
      if (!seen[i]) continue;
      graph_.order.push_back(i);
      const Stage& stage = graph_.stages[i];
      if (stage.base_stage) seen[*stage.base_stage] = true;
      for (const Instruction* instruction : stage.instructions) {
        const Copy* copy = std::get_if<Copy>(&instruction->body);
        if (copy == nullptr || !copy->from) continue;
        CopySource from = resolve_copy_source(source_, graph_.stages, i, *copy->from);
        if (from.stage) seen[*from.stage] = true;
      }
    }
  }

  const Source& source_;
  const dockerfile::File& file_;
  BuildArguments& arguments_;
  Variables none_;
  Graph graph_;
};

}  // namespace

Graph make_graph(const Source& source, const dockerfile::File& file, const std::string& target,
                 BuildArguments& arguments) {
  return GraphMaker(source, file, arguments).make(target);
}

CopySource resolve_copy_source(const Source& source, const std::vector<Stage>& stages, size_t current,
                               const Text& from) {
  if (from.value.find('$') != std::string::npos) {
    throw source.error(from.at, "--from takes no variables: name a stage by FROM … AS, which may have them");
  }
  if (std::optional<size_t> found = find_stage(stages, from.value, current)) return CopySource{found, ""};
  std::optional<size_t> later = find_stage(stages, from.value, stages.size());
  std::optional<size_t> number = as_number(from.value);
  if (later || (number && *number >= current && *number < stages.size())) {
    throw source.error(from.at,
                       fmt::format("stage '{}' is not built before this one: --from takes stages above", from.value));
  }
  if (number && *number < current) return CopySource{number, ""};
  return CopySource{std::nullopt, from.value};
}

}  // namespace crun::build
