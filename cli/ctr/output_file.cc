#include "cli/ctr/output_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crun/error.h"

namespace crun::cli {

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  struct stat there = {};
  if (stat(path_.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    fd_ = Fd(checked(open(path_.c_str(), O_WRONLY | O_CLOEXEC), "opening " + path_));
    return;
  }
  std::string name = path_ + ".XXXXXX";
  fd_ = Fd(checked(mkostemp(name.data(), O_CLOEXEC), "making " + path_));
  temporary_ = name;
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(fd_.get(), 0666 & ~mask);
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void OutputFile::keep() {
  if (temporary_.empty()) return;
  checked(rename(temporary_.c_str(), path_.c_str()), "moving the archive to " + path_);
  temporary_.clear();
}

}  // namespace crun::cli
