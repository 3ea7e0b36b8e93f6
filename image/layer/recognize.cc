#include "image/layer/recognize.h"

#include <string>

#include "crun/error.h"

namespace crun::layer {
namespace {

constexpr size_t kBlock = 512;

// The sum of the block's bytes, the checksum's own field taken as spaces, in octal.
bool is_header(const std::string& block) {
  constexpr size_t kField = 148;
  constexpr size_t kFieldSize = 8;
  constexpr std::string_view kOctal = "01234567";
  if (block.size() < kBlock) return false;
  unsigned long sum = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    bool within = i >= kField && i < kField + kFieldSize;
    sum += within ? static_cast<unsigned long>(' ') : static_cast<unsigned char>(block[i]);
  }
  std::string text = block.substr(kField, kFieldSize);
  size_t first = text.find_first_of(kOctal);
  if (first == std::string::npos) return false;
  return std::stoul(text.substr(first, text.find_first_not_of(kOctal, first) - first), nullptr, 8) == sum;
}

}  // namespace

bool is_tar(ByteSource& source) {
  std::string block;
  try {
    while (block.size() < kBlock) {
      std::string_view bytes = source.next();
      if (bytes.empty()) return false;
      block += bytes.substr(0, kBlock - block.size());
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid) throw;
    return false;
  }
  return is_header(block);
}

}  // namespace crun::layer
