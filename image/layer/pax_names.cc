#include "image/layer/pax_names.h"

#include <charconv>
#include <optional>

namespace crun::layer {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kTypeAt = 156;
constexpr size_t kSizeAt = 124;
constexpr size_t kSizeDigits = 12;

std::optional<size_t> octal(std::string_view field) {
  while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
  size_t value = 0;
  auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value, 8);
  if (error != std::errc()) return std::nullopt;
  return value;
}

// "<length> <key>=<value>\n", the length counting all of it (POSIX.1-2017, pax, extended header).
void take_records(std::string_view text, TarEntry& entry) {
  while (!text.empty()) {
    size_t length = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    size_t start = static_cast<size_t>(end - text.data()) + 1;
    if (error != std::errc() || length > text.size() || start >= length) return;
    std::string_view record = text.substr(start, length - start - 1);
    text.remove_prefix(length);
    size_t equals = record.find('=');
    if (equals == std::string_view::npos) return;
    std::string_view key = record.substr(0, equals);
    std::string value(record.substr(equals + 1));
    value = value.c_str();  // libarchive's names end at a NUL too
    if (value.empty()) continue;
    if (key == "path" || key == "GNU.sparse.name") entry.path = value;
    if (key == "linkpath" && (entry.kind == EntryKind::symlink || entry.kind == EntryKind::hardlink))
      entry.link = value;
  }
}

}  // namespace

void take_exact_names(std::string_view header, TarEntry& entry) {
  while (header.size() > kBlock) {
    char type = header[kTypeAt];
    std::optional<size_t> size = octal(header.substr(kSizeAt, kSizeDigits));
    if (type != 'x' && type != 'g' && type != 'L' && type != 'K' && type != 'X') return;
    if (!size || *size > header.size() - kBlock) return;
    if (type == 'x' || type == 'X') take_records(header.substr(kBlock, *size), entry);
    header.remove_prefix(std::min(header.size(), kBlock + (*size + kBlock - 1) / kBlock * kBlock));
  }
}

}  // namespace crun::layer
