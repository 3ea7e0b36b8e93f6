// A tar by libarchive: every form of it (v7, ustar, pax, GNU with sparse files), entry by entry, with positions. Only
// libarchive's reader is used.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "image/layer/stream.h"

namespace crun::layer {

struct Xattr {
  std::string name;
  std::string value;
};

enum class EntryKind { file, folder, symlink, hardlink, char_device, block_device, fifo, other };

struct TarEntry {
  EntryKind kind = EntryKind::other;
  std::string path;     // as the tar has it
  std::string link;     // of a symlink or hardlink
  uint64_t offset = 0;  // of its first header in the tar
  mode_t mode = 0;      // permission bits, with setuid, setgid and sticky
  int64_t uid = 0;
  int64_t gid = 0;
  int64_t seconds = 0;  // mtime
  long nanoseconds = 0;
  dev_t device = 0;
  uint64_t size = 0;  // with holes
  std::vector<Xattr> xattrs;
  bool sparse = false;  // its content has holes that the tar does not hold
};

// A piece of a file's content: where it lies in the file, and in the tar.
struct TarBlock {
  std::string_view bytes;
  uint64_t offset = 0;
  uint64_t position = 0;
};

// Is told all bytes of the tar, in order, before anything else is said of them.
struct RawListener {
  virtual ~RawListener() = default;
  virtual void raw(std::string_view bytes) = 0;
  virtual void expire() {}  // the latest bytes are about to become invalid
};

class TarReader {
 public:
  // Both are borrowed for its lifetime. One thread's: the locale is this thread's while it reads. listener: null where
  // nobody wants the raw bytes; then contents that are not asked for are not even read.
  TarReader(ByteSource& source, RawListener* listener);
  ~TarReader();
  TarReader(const TarReader&) = delete;
  TarReader& operator=(const TarReader&) = delete;

  // False at the end of the archive. Throws Error{invalid} with the byte offset for a damaged header, and for what
  // libarchive would pass over with a warning.
  bool next(TarEntry& entry);
  // Of the current entry; false at its end. What is not asked for is passed over.
  bool next_block(TarBlock& block);
  // Reads what follows the end of the archive (padding), so that the listener has seen all of the tar.
  void drain();
  // Before the first next_block() of an entry: where its content begins.
  uint64_t position() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Loads what libarchive and OpenSSL look for on disk at first use (locale, gconv): before a sandbox takes the disk
// away.
void warm_up_tar_reading();

// A name out of an archive, as it may be shown: in quotes, what does not print as \xNN, shortened in the middle.
std::string printable(std::string_view name);

}  // namespace crun::layer
