#include <nlohmann/json.hpp>

#include "cli/runtime/command.h"
#include "cli/runtime/files.h"
#include "cli/runtime/state_json.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {{"format", 'f', Takes::value, "table|json", "form of the output (default table)"},
                               {"quiet", 'q', Takes::nothing, "", "ids only"}};

using Row = std::vector<std::string>;

std::string table(const std::vector<Row>& rows) {
  constexpr size_t kNarrowest = 9;  // as runc's
  std::vector<size_t> widths(rows[0].size(), kNarrowest);
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths[i] - row[i].size() + 3, ' ');
    }
    text += '\n';
  }
  return text;
}

int list(const Runtime& runtime, const Options& options) {
  std::vector<ContainerState> states = runtime.list();
  std::string format = options.find("format") == nullptr ? "table" : options.text("format");
  if (options.flag("quiet")) {
    std::string text;
    for (const ContainerState& state : states) text += state.id + "\n";
    print_out(text);
  } else if (format == "json") {
    nlohmann::json all = nlohmann::json::array();
    for (const ContainerState& state : states) all.push_back(state_json(state));
    print_out(all.dump() + "\n");
  } else if (format == "table") {
    std::vector<Row> rows = {{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
    for (const ContainerState& state : states) {
      rows.push_back({state.id, std::to_string(state.pid), std::string(status_name(state.status)), state.bundle,
                      timestamp(state.created_at), user_name(state.owner)});
    }
    print_out(table(rows));
  } else {
    throw UsageError("unknown format '" + format + "'; give table or json", kRuntimeFailure);
  }
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeList{
    {"list", "", "list the containers below the state root", "ctr-runtime list --format json", kOptions, {}, 0, 0},
    list};

}  // namespace crun::cli
