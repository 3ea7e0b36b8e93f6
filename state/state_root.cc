#include "state/state_root.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "crun/error.h"

namespace crun::state {
namespace {

Dir open_own(const std::string& path) {
  if (path.empty() || path.front() != '/') {
    throw Error(ErrorKind::invalid, "the state folder '" + path + "' is not an absolute path");
  }
  Dir dir = Dir::open_or_make(path, 0700);
  struct stat status {};
  checked(fstat(dir.fd(), &status), "reading the status of " + path);
  if (status.st_uid != geteuid()) {
    throw Error(ErrorKind::denied, "state folder " + path + " belongs to user " + std::to_string(status.st_uid) +
                                       ", not to " + std::to_string(geteuid()) + ": choose another with --root");
  }
  if ((status.st_mode & 022) != 0) {
    throw Error(ErrorKind::denied, "state folder " + path + " may be written to by other users: chmod 0700 it");
  }
  return dir;
}

}  // namespace

StateRoot::StateRoot(std::string path, Durability durability, std::vector<Schema> schemas)
    : path_(std::move(path)),
      dir_(open_own(path_)),
      database_(path_ + "/state.db", durability, std::move(schemas)),
      intents_(database_, dir_) {}

Dir StateRoot::folder(const std::string& name) const {
  // Mostly there: one call then.
  if (std::optional<Dir> found = dir_.find_dir(name, Resolve::no_symlinks)) return std::move(*found);
  return dir_.make_dirs(name, 0700, Resolve::no_symlinks);
}

}  // namespace crun::state
