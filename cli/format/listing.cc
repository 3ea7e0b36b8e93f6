#include "cli/format/listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace crun::cli {
namespace {

using nlohmann::json;

constexpr std::string_view kTable = "table";
constexpr size_t kLeastWidth = 10, kGap = 3;

std::string unescaped(std::string_view format) {
  std::string text;
  for (size_t i = 0; i < format.size(); ++i) {
    const char after = i + 1 < format.size() ? format[i + 1] : '\0';
    if (format[i] == '\\' && (after == 't' || after == 'n')) {
      text += after == 't' ? '\t' : '\n';
      ++i;
    } else {
      text += format[i];
    }
  }
  return text;
}

size_t shown_width(std::string_view cell) {
  // Bytes that continue a UTF-8 character take no place of their own.
  return static_cast<size_t>(std::count_if(cell.begin(), cell.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(by);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string align_columns(std::string_view text) {
  std::vector<std::vector<std::string_view>> lines;
  std::vector<size_t> widths;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) return "";
  for (const std::string_view line : split(text, '\n')) {
    lines.push_back(split(line, '\t'));
    widths.resize(std::max(widths.size(), lines.back().size()), kLeastWidth);
    for (size_t i = 0; i + 1 < lines.back().size(); ++i)
      widths[i] = std::max(widths[i], shown_width(lines.back()[i]) + kGap);
  }
  std::string aligned;
  for (const auto& cells : lines) {
    for (size_t i = 0; i < cells.size(); ++i) {
      aligned += cells[i];
      if (i + 1 < cells.size()) aligned.append(widths[i] - shown_width(cells[i]), ' ');
    }
    aligned += '\n';
  }
  return aligned;
}

std::string format_list(std::string_view format, std::span<const Column> columns, const std::vector<json>& rows,
                        const TemplateMethod& method) {
  if (format == "json") format = "{{json .}}";
  const bool table = format.starts_with(kTable);
  if (table) format.remove_prefix(std::min(format.find_first_not_of(" \t", kTable.size()), format.size()));
  const Template line = Template::parse(unescaped(format));
  std::string text;
  if (table) {
    json headers = json::object();
    for (const Column& column : columns) headers[std::string(column.field)] = column.header;
    text = line.render(headers, [](const json&, std::string_view, std::span<const json> arguments) {
      return std::optional<json>(arguments[0]);
    });
    text += '\n';
  }
  for (const json& row : rows) text += line.render(row, method) + "\n";
  return table ? align_columns(text) : text;
}

}  // namespace crun::cli
