#include "cli/runtime/selection.h"

#include <regex.h>

namespace crun::cli {
namespace {

class Expression {
 public:
  explicit Expression(const std::string& text) {
    int error = regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB);
    if (error == 0) return;
    char reason[128];
    regerror(error, &compiled_, reason, sizeof reason);
    throw Error(ErrorKind::invalid, "'" + text + "' is not a regular expression: " + reason);
  }
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;
  ~Expression() { regfree(&compiled_); }
  bool matches(const std::string& id) const { return regexec(&compiled_, id.c_str(), 0, nullptr, 0) == 0; }

 private:
  regex_t compiled_{};
};

}  // namespace

std::vector<std::string> selected_ids(const Runtime& runtime, const Options& options) {
  if (!options.flag("regex")) return {options.arguments[0]};
  Expression expression(options.arguments[0]);
  std::vector<std::string> ids;
  for (const ContainerState& state : runtime.list()) {
    if (expression.matches(state.id)) ids.push_back(state.id);
  }
  return ids;
}

}  // namespace crun::cli
