// Lists as tables, templates or JSON lines: what `ps`, `images` and their like print.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/format/template.h"

namespace crun::cli {

struct Column {
  std::string_view field;   // of a row, as in {{.Field}}
  std::string_view header;  // "CONTAINER ID"
};

// rows: objects that have every column's field. format: what --format was given: "json" (one object a line), "table",
// "table TEMPLATE" with headers, or a template for each row; `\t` and `\n` in it stand for a tab and a line's end.
// Each row ends with a newline. Throws Error{invalid}.
std::string format_list(std::string_view format, std::span<const Column> columns,
                        const std::vector<nlohmann::json>& rows, const TemplateMethod& method = {});

// Lines of cells parted by tabs, each column as wide as its widest cell and three spaces, ten at least, as docker's.
std::string align_columns(std::string_view text);

}  // namespace crun::cli
