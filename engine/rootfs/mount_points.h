// The lowest layer of every container: empty places for what is mounted into it. Without it each container would make
// them anew in its own upper folder, where they cost ten file operations on disk and look like changes.
#pragma once

#include <string>

namespace crun::engine {

// The layer's folder below the data root; made where it is missing, whole or not at all. What an image has in these
// places covers it. Throws SysError.
std::string mount_point_layer(const std::string& data_root);

}  // namespace crun::engine
