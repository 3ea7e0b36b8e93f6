// A file that is there whole or not at all.
#pragma once

#include <string>

#include "crun/fd.h"

namespace crun::cli {

// Written beside its place under a temporary name; keep() moves it there, and without it nothing stays behind.
// A path that is there and no regular file (/dev/null, a fifo) is written directly.
class OutputFile {
 public:
  explicit OutputFile(std::string path);  // throws SysError
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  int fd() const noexcept { return fd_.get(); }
  void keep();  // throws SysError

 private:
  std::string path_, temporary_;  // temporary_ is empty where path_ is written directly, or kept
  Fd fd_;
};

}  // namespace crun::cli
