#include "image/layer/tar_writer.h"

#include <fmt/format.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <vector>

#include "crun/error.h"
#include "image/layer/entry_path.h"

namespace crun::layer {
namespace {

constexpr size_t kBlock = 512;
constexpr uint64_t kMaxOctal7 = 07777777;
constexpr uint64_t kMaxOctal11 = 077777777777;

// Fields of the ustar header: offset and size.
struct Field {
  size_t at;
  size_t size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kTime{136, 12}, kSum{148, 8},
    kLink{157, 100}, kMagic{257, 8}, kMajor{329, 8}, kMinor{337, 8}, kPrefix{345, 155};
constexpr size_t kTypeAt = 156;

using Records = std::vector<std::pair<std::string, std::string>>;

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char byte) { return byte >= 0x20 && byte < 0x7f; });
}

class Block {
 public:
  void text(Field field, std::string_view value) { bytes_.replace(field.at, value.size(), value); }
  void octal(Field field, uint64_t value) {
    text(field, fmt::format("{:0{}o}", value, static_cast<int>(field.size) - 1));
  }
  void type(char value) { bytes_[kTypeAt] = value; }
  const std::string& sealed() {
    text(kMagic, std::string_view("ustar\00000", 8));
    text(kSum, "        ");
    unsigned sum = 0;
    for (char byte : bytes_) sum += static_cast<unsigned char>(byte);
    text(kSum, fmt::format("{:06o}", sum) + '\0' + ' ');
    return bytes_;
  }

 private:
  std::string bytes_ = std::string(kBlock, '\0');
};

void put_name(Block& block, const std::string& name, Records& records) {
  if (is_plain(name) && name.size() <= kName.size) return block.text(kName, name);
  if (is_plain(name)) {
    // The prefix ends at a slash, which stands in neither field. npos is beyond the prefix's size too.
    for (size_t slash = name.find('/'); slash <= kPrefix.size; slash = name.find('/', slash + 1)) {
      size_t rest = name.size() - slash - 1;
      if (slash == 0 || rest == 0 || rest > kName.size) continue;
      block.text(kPrefix, name.substr(0, slash));
      return block.text(kName, name.substr(slash + 1));
    }
  }
  records.emplace_back("path", name);
  block.text(kName, "pax");
}

void put_number(Block& block, Field field, uint64_t value, uint64_t max, const char* key, Records& records) {
  if (value > max) records.emplace_back(key, std::to_string(value));
  block.octal(field, value > max ? 0 : value);
}

void put_time(Block& block, int64_t seconds, Records& records) {
  bool fits = seconds >= 0 && static_cast<uint64_t>(seconds) <= kMaxOctal11;
  if (!fits) records.emplace_back("mtime", std::to_string(seconds));
  block.octal(kTime, fits ? static_cast<uint64_t>(seconds) : 0);
}

char type_of(EntryKind kind) {
  switch (kind) {
    case EntryKind::file: return '0';
    case EntryKind::hardlink: return '1';
    case EntryKind::symlink: return '2';
    case EntryKind::char_device: return '3';
    case EntryKind::block_device: return '4';
    case EntryKind::folder: return '5';
    case EntryKind::fifo: return '6';
    case EntryKind::other: break;
  }
  throw Error(ErrorKind::internal, "a tar has no form for this kind of file");
}

// "<length> <key>=<value>\n", the length counting itself.
std::string record_text(const std::string& key, const std::string& value) {
  size_t rest = key.size() + value.size() + 3;
  size_t length = rest + std::to_string(rest).size();
  if (std::to_string(length).size() + rest != length) ++length;
  return fmt::format("{} {}={}\n", length, key, value);
}

std::string pax_header(Records& records) {
  std::sort(records.begin(), records.end());
  std::string text;
  for (const auto& [key, value] : records) text += record_text(key, value);
  Block block;
  block.text(kName, "PaxHeaders.0/pax");
  block.octal(kMode, 0644);
  block.octal(kUid, 0);
  block.octal(kGid, 0);
  block.octal(kSize, text.size());
  block.octal(kTime, 0);
  block.type('x');
  std::string result = block.sealed() + text;
  result.resize((result.size() + kBlock - 1) / kBlock * kBlock, '\0');
  return result;
}

}  // namespace

void TarWriter::put(std::string_view bytes) {
  out_.write(bytes);
  written_ += bytes.size();
}

void TarWriter::header(const TarEntry& entry) {
  if (content_left_ != 0) throw Error(ErrorKind::internal, "tar: the last file is not complete");
  Block block;
  Records records;
  std::string name = entry.path;
  if (entry.kind == EntryKind::folder && !name.empty() && name.back() != '/') name += '/';
  put_name(block, name, records);
  block.octal(kMode, entry.mode & 07777);
  put_number(block, kUid, static_cast<uint64_t>(entry.uid), kMaxOctal7, "uid", records);
  put_number(block, kGid, static_cast<uint64_t>(entry.gid), kMaxOctal7, "gid", records);
  uint64_t size = entry.kind == EntryKind::file ? entry.size : 0;
  put_number(block, kSize, size, kMaxOctal11, "size", records);
  put_time(block, entry.seconds, records);
  block.type(type_of(entry.kind));
  if (entry.link.size() > kLink.size || !is_plain(entry.link)) {
    records.emplace_back("linkpath", entry.link);
  } else {
    block.text(kLink, entry.link);
  }
  block.octal(kMajor, major(entry.device));
  block.octal(kMinor, minor(entry.device));
  for (const Xattr& xattr : entry.xattrs) records.emplace_back("SCHILY.xattr." + xattr.name, xattr.value);
  if (!records.empty()) put(pax_header(records));
  put(block.sealed());
  content_left_ = size;
}

void TarWriter::content(std::string_view bytes) {
  if (bytes.size() > content_left_) throw Error(ErrorKind::internal, "tar: more content than the header says");
  put(bytes);
  content_left_ -= bytes.size();
  static constexpr char kZeros[kBlock] = {};
  if (content_left_ == 0 && written_ % kBlock != 0) put({kZeros, kBlock - written_ % kBlock});
}

void TarWriter::pass_content() {
  written_ += (content_left_ + kBlock - 1) / kBlock * kBlock;
  content_left_ = 0;
}

void TarWriter::file(const TarEntry& entry, std::string_view text) {
  TarEntry sized = entry;
  sized.kind = EntryKind::file;
  sized.size = text.size();
  header(sized);
  if (!text.empty()) content(text);
}

void TarWriter::finish() {
  if (content_left_ != 0) throw Error(ErrorKind::internal, "tar: the last file is not complete");
  put(std::string(2 * kBlock, '\0'));
}

}  // namespace crun::layer
