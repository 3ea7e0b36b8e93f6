// The digests of a context's files (content and attributes), remembered from build to build by inode, size, mtime and
// ctime, so that an unchanged file is not read again. One sorted file a context.
#pragma once

#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/dir.h"

namespace crun::build {

using Sha256Bytes = std::array<unsigned char, 32>;

class DigestIndex {
 public:
  DigestIndex() = default;  // remembers nothing
  // folder: of ours. name: of the context's file in it. A file that is damaged or of another version counts as empty.
  DigestIndex(Dir folder, std::string name);

  // What is remembered of the file with this status.
  std::optional<Sha256Bytes> find(const struct stat& status);
  // Reads it. fd: the file, opened to read, at its start. status: its fstat, taken before this call. One that changed
  // within the clock's granularity of now is not remembered: it may change again without its times moving. Throws
  // Error{busy} where it changes meanwhile.
  Sha256Bytes read(int fd, const struct stat& status, const std::string& path);

  // Writes what was learned. What was not asked for in this build is kept, unless the index would grow beyond four
  // times what was.
  void save();

  size_t files_read() const noexcept { return files_read_; }

 private:
  struct Record {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t modified;  // nanoseconds since 1970
    int64_t changed;
    Sha256Bytes digest;
  };
  static Record record_of(const struct stat& status);
  static bool same_file(const Record& a, const Record& b);
  static bool before(const Record& a, const Record& b);
  void load();

  Dir folder_;
  std::string name_;
  std::vector<Record> known_;    // sorted
  std::vector<Record> learned_;  // in this build
  size_t asked_ = 0;
  size_t files_read_ = 0;
};

}  // namespace crun::build
