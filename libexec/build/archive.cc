#include "libexec/build/archive.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "crun/error.h"
#include "image/layer/stream.h"
#include "image/layer/unpack.h"

namespace crun::build {
namespace {

constexpr size_t kBlock = 512;

// A tar's first block, by its checksum (tar(5)): the sum of its bytes with the field itself taken as spaces.
bool is_tar_header(const std::string& block) {
  constexpr size_t kField = 148;
  constexpr size_t kFieldSize = 8;
  if (block.size() < kBlock) return false;
  unsigned long sum = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    bool within = i >= kField && i < kField + kFieldSize;
    sum += within ? static_cast<unsigned long>(' ') : static_cast<unsigned char>(block[i]);
  }
  std::string text = block.substr(kField, kFieldSize);
  size_t first = text.find_first_of("01234567");
  if (first == std::string::npos) return false;
  text = text.substr(first, text.find_first_not_of("01234567", first) - first);
  return std::stoul(text, nullptr, 8) == sum;
}

std::string first_block(layer::ByteSource& source) {
  std::string block;
  while (block.size() < kBlock) {
    std::string_view bytes = source.next();
    if (bytes.empty()) break;
    block += bytes.substr(0, kBlock - block.size());
  }
  return block;
}

}  // namespace

bool unpack_archive(int file, const Dir& empty) {
  layer::Extent extent{file, true, 0, UINT64_MAX};
  {
    auto source = layer::open_inflated(extent);
    try {
      if (!is_tar_header(first_block(*source))) return false;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::invalid) throw;
      return false;  // it begins as something compressed does, and is not
    }
  }
  auto source = layer::open_inflated(extent);
  layer::extract_archive(*source, empty, "/", layer::ExtractOptions{});
  return true;
}

}  // namespace crun::build
