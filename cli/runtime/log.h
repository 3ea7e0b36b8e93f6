// Where errors and warnings go: to stderr, and where --log names a file, into it. containerd, podman and docker read
// the reason of a failure there.
#pragma once

#include <string>
#include <string_view>

#include "crun/log.h"

namespace crun::cli {

struct LogOptions {
  std::string file;  // "" for none
  bool json = false;
  bool debug = false;
};

// From now on libcrun's warnings go there too; with a file not to stderr, which is the container's once it runs.
void open_log(LogOptions options);

void write_log(LogLevel level, std::string_view text);

}  // namespace crun::cli
