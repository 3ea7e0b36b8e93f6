// The part of Go's text/template that people write after --format: fields, pipes, variables, if, range, with, and
// docker's functions (json join split upper lower title pad truncate len index slice print printf println,
// comparisons). Not there: define, template, block, break, continue, html and js escaping.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace crun::cli {

// A field that takes arguments, as `.Label "name"` does: gives nothing where the object has no such method.
using TemplateMethod = std::function<std::optional<nlohmann::json>(const nlohmann::json& object, std::string_view name,
                                                                   std::span<const nlohmann::json> arguments)>;

class Template {
 public:
  // Throws Error{invalid}: "template: column N: …".
  static Template parse(std::string_view text);
  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;
  ~Template();

  // Throws Error{invalid} for a field that an object does not have (naming those it has) or a wrong argument.
  std::string render(const nlohmann::json& dot, const TemplateMethod& method = {}) const;

 private:
  struct Tree;
  explicit Template(std::unique_ptr<Tree> tree);
  std::unique_ptr<Tree> tree_;
};

// What --format gives of one object: "json", or a template. With the newline at its end.
std::string format_object(const std::string& format, const nlohmann::json& object);

}  // namespace crun::cli
