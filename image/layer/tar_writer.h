// Tars as we write them: ustar headers, and a pax header before what does not fit into one (POSIX.1-2017, pax). The
// same entries give the same bytes, always: diff ids depend on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "image/layer/stream.h"
#include "image/layer/tar_reader.h"

namespace crun::layer {

class TarWriter {
 public:
  explicit TarWriter(ByteSink& out) : out_(out) {}  // borrowed

  // One entry; of a file, entry.size bytes of content() must follow. Folders' names get their "/" here. Times are
  // written in whole seconds; offset and nanoseconds are not used.
  void header(const TarEntry& entry);
  void content(std::string_view bytes);
  void pass_content();  // counts what would follow the header, without writing it
  // A file of which all is known.
  void file(const TarEntry& entry, std::string_view text);
  void finish();  // two blocks of zeros
  uint64_t written() const { return written_; }

 private:
  void put(std::string_view bytes);
  ByteSink& out_;
  uint64_t written_ = 0;
  uint64_t content_left_ = 0;
};

}  // namespace crun::layer
