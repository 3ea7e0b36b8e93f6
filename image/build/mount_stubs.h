// The files and folders that a command's root must have to be mounted over: made before it runs, and taken out of the
// layer after it, so that no layer holds an empty /etc/resolv.conf because somebody built in it.
#pragma once

#include <sys/stat.h>

#include <map>
#include <string>
#include <vector>

#include "base/dir.h"
#include "image/build/executor.h"

namespace crun::build {

class MountStubs {
 public:
  // root: the mounted root; upper: the folder that takes its changes. Makes what is missing of `points` and gives the
  // folders that are there already their times back. Throws SysError.
  MountStubs(const Dir& root, const Dir& upper, const std::vector<MountPoint>& points);

  // With the root unmounted: removes what was made, where the command left it as it was (empty, the same inode), each
  // folder around keeps the times that the command left it with, and goes too where it is in `upper` for the stubs'
  // sake alone. No link is followed (CVE-2024-23652). Throws SysError.
  void remove(const Dir& upper) const;

 private:
  struct Made {
    std::string parent;  // from the root's top, "" is the top
    std::string name;
    bool folder;
    ino_t inode = 0;  // in upper
  };
  struct Around {
    struct stat status {};
    std::map<std::string, std::string> xattrs;
  };
  void make(const Dir& root, const Dir& upper, const std::string& parent, const std::string& name, bool folder);
  static void remove_one(const Dir& upper, const Made& made);
  void prune(const Dir& upper, const std::string& path, const Around& before) const;

  std::vector<Made> made_;
  std::map<std::string, Around> around_;  // folders that were there and got something
};

}  // namespace crun::build
