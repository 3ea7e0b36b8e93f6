#include "cli/format/template.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "cli/command/nearest.h"
#include "cli/format/template_functions.h"
#include "cli/format/template_tree.h"
#include "crun/error.h"

namespace crun::cli {
namespace {

using nlohmann::json;
using tree::Node;
using tree::Operand;
using tree::Pipeline;

[[noreturn]] void reject(const std::string& text) { throw Error(ErrorKind::invalid, "template: " + text); }

[[noreturn]] void no_field(const json& object, const std::string& name) {
  std::vector<std::string_view> known;
  std::string all;
  for (auto field = object.begin(); field != object.end(); ++field) {
    known.push_back(field.key());
    all += " ." + field.key();
  }
  if (const auto near = nearest(name, known)) reject(fmt::format("no field .{}; did you mean .{}?", name, *near));
  reject(fmt::format("no field .{}; there are{}", name, all.empty() ? " none" : all));
}

struct ToJson {
  json operator()(tree::Nil) const { return nullptr; }
  template <typename T>
  json operator()(const T& value) const {
    return value;
  }
};

class Renderer {
 public:
  Renderer(const json& dot, const TemplateMethod& method) : method_(method) { variables_.emplace_back("$", dot); }

  void render(const std::vector<Node>& nodes, const json& dot) {
    const size_t scope = variables_.size();
    for (const Node& node : nodes) render(node, dot);
    variables_.resize(scope);
  }

  std::string take() { return std::move(out_); }

 private:
  void render(const Node& node, const json& dot) {
    switch (node.kind) {
      case Node::Kind::text: out_ += node.text; break;
      case Node::Kind::print: {
        const json value = evaluate(node.pipeline, dot);
        if (node.pipeline.variables.empty()) out_ += go_text(value);
        break;
      }
      case Node::Kind::range: range(node, dot); break;
      case Node::Kind::branch:
      case Node::Kind::with: {
        const size_t scope = variables_.size();
        const json value = evaluate(node.pipeline, dot);
        const json& inner = node.kind == Node::Kind::with ? value : dot;
        if (go_truth(value))
          render(node.body, inner);
        else
          render(node.otherwise, dot);
        variables_.resize(scope);
        break;
      }
    }
  }

  void range(const Node& node, const json& dot) {
    const size_t scope = variables_.size();
    Pipeline source = node.pipeline;
    source.variables.clear();
    const json values = evaluate(source, dot);
    if (!values.is_null() && !values.is_structured()) reject(fmt::format("range cannot go over '{}'", go_text(values)));
    const std::vector<std::string>& names = node.pipeline.variables;
    int64_t number = 0;
    for (auto element = values.begin(); element != values.end(); ++element, ++number) {
      if (names.size() > 1) variables_.emplace_back(names[0], values.is_object() ? json(element.key()) : json(number));
      if (!names.empty()) variables_.emplace_back(names.back(), *element);
      render(node.body, *element);
      variables_.resize(scope);
    }
    if (number == 0) render(node.otherwise, dot);
  }

  json evaluate(const Pipeline& pipeline, const json& dot) {
    json value;
    bool piped = false;
    for (const tree::Call& call : pipeline.calls) {
      value = evaluate(call, dot, piped ? &value : nullptr);
      piped = true;
    }
    if (pipeline.variables.size() > 1) reject("two variables are for range alone");
    if (!pipeline.variables.empty()) assign(pipeline, value);
    return value;
  }

  void assign(const Pipeline& pipeline, const json& value) {
    const std::string& name = pipeline.variables[0];
    if (pipeline.declares) {
      variables_.emplace_back(name, value);
      return;
    }
    variable(name) = value;
  }

  json& variable(const std::string& name) {
    for (auto known = variables_.rbegin(); known != variables_.rend(); ++known)
      if (known->first == name) return known->second;
    reject(fmt::format("no variable {}", name));
  }

  // The first word is called with the others, and with what came through the pipe as the last one.
  json evaluate(const tree::Call& call, const json& dot, const json* piped) {
    std::vector<json> arguments;
    for (size_t i = 1; i < call.size(); ++i) arguments.push_back(word(call[i], dot, {}));
    if (piped != nullptr) arguments.push_back(*piped);
    return word(call[0], dot, arguments);
  }

  json word(const Operand& operand, const json& dot, const std::vector<json>& arguments) {
    switch (operand.kind) {
      case Operand::Kind::dot: return fields(operand, dot, arguments);
      case Operand::Kind::variable: return fields(operand, variable(operand.name), arguments);
      case Operand::Kind::nested: return fields(operand, evaluate(*operand.nested, dot), arguments);
      case Operand::Kind::literal:
        if (!arguments.empty()) reject("a literal takes no arguments");
        return std::visit(ToJson(), operand.literal);
      case Operand::Kind::function: break;
    }
    const TemplateFunction function = find_template_function(operand.name);
    if (function != nullptr) return function(arguments);
    const auto near = nearest(operand.name, template_function_names());
    reject(fmt::format("no function {}{}", operand.name, near ? fmt::format("; did you mean {}?", *near) : ""));
  }

  json fields(const Operand& operand, const json& start, const std::vector<json>& arguments) {
    json value = start;
    for (size_t i = 0; i < operand.fields.size(); ++i) {
      const std::string& name = operand.fields[i];
      const bool last = i + 1 == operand.fields.size();
      if (last && !arguments.empty()) return call_method(value, name, arguments);
      if (value.is_null()) return nullptr;
      if (!value.is_object()) reject(fmt::format("'{}' has no field .{}", go_text(value), name));
      const auto found = value.find(name);
      if (found == value.end()) no_field(value, name);
      value = json(*found);
    }
    if (operand.fields.empty() && !arguments.empty()) reject("a value takes no arguments");
    return value;
  }

  json call_method(const json& object, const std::string& name, const std::vector<json>& arguments) {
    if (method_)
      if (auto result = method_(object, name, arguments)) return std::move(*result);
    reject(fmt::format(".{} takes no arguments", name));
  }

  const TemplateMethod& method_;
  std::vector<std::pair<std::string, json>> variables_;
  std::string out_;
};

}  // namespace

struct Template::Tree {
  std::vector<Node> nodes;
};

Template::Template(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Template Template::parse(std::string_view text) { return Template(std::make_unique<Tree>(Tree{tree::parse(text)})); }

std::string Template::render(const json& dot, const TemplateMethod& method) const {
  Renderer renderer(dot, method);
  renderer.render(tree_->nodes, dot);
  return renderer.take();
}

std::string format_object(const std::string& format, const nlohmann::json& object) {
  return Template::parse(format == "json" ? "{{json .}}" : format).render(object) + "\n";
}

}  // namespace crun::cli
