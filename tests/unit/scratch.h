// A folder for one test, removed with all below it at the end.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/dir.h"

namespace crun::testing {

class Scratch {
 public:
  Scratch() {
    char name[] = "/tmp/ctr-unit.XXXXXX";
    path_ = mkdtemp(name);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { Dir::open("/tmp").remove_tree(path_.substr(5)); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace crun::testing
