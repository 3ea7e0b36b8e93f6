// Is a file a tar at all? ADD unpacks what is one, and copies what is none.
#pragma once

#include "image/layer/stream.h"

namespace crun::layer {

// By the first block and its checksum (tar(5)), of what open_inflated() gives. Takes bytes from the source. False also
// where it begins as something compressed and is damaged: it is then just a file. Throws Error{unsupported} for a
// compression by its name.
bool is_tar(ByteSource& source);

}  // namespace crun::layer
