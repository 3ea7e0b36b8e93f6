// The tar record: what a layer's folder does not keep of the tar it came from (headers, order, padding, what was
// overwritten), so that the same bytes can be made again and a diff id stays true. 1-3 % of the layer.
//
// Form: one zstd stream of operations, each a letter and its arguments (LEB128 numbers, counted bytes):
//   L bytes             literal
//   F path offset size  the content of a file of the layer's folder, from offset
//   C offset size       more of the same file
//   S path bytes        the file that all F and C of `path` up to here meant was replaced later in the tar; this was it
//   E size digest       the end: the tar's size, and its SHA-256 as "sha256:…"
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/dir.h"
#include "image/layer/stream.h"

namespace crun::layer {

// Fed while a tar is read. Holds back only what lies between the reader's position and the last known content.
class TarRecorder {
 public:
  explicit TarRecorder(int fd);  // borrowed, written from where it stands
  ~TarRecorder();
  TarRecorder(const TarRecorder&) = delete;
  TarRecorder& operator=(const TarRecorder&) = delete;

  void raw(std::string_view bytes);  // the tar's bytes, in order, before anything is said about them
  void expire();                     // the latest of them are about to become invalid
  // The tar's bytes from `position` on are `size` bytes of `path` (in the layer's folder) from `offset` on. Positions
  // only grow.
  void content(uint64_t position, uint64_t size, std::string_view path, uint64_t offset);
  bool refers_to(std::string_view path) const;                    // content of it was recorded
  void superseded(std::string_view path, int fd, uint64_t size);  // must be told before `path` is removed
  void finish(std::string_view digest);                           // "sha256:…" of the whole tar

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The size of the tar that a record stands for: reads the record to its end.
uint64_t recorded_size(int record);

// Makes the tar again from its record (a file, read from its start, twice) and the layer's folder. Throws
// Error{invalid} where a file of the folder or the record is not what it was: what was written by then is wrong.
void reassemble_tar(int record, const Dir& layer, ByteSink& out);

}  // namespace crun::layer
