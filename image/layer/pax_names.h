// The names of a pax header as they stand there. libarchive 3.6 composes them (Unicode NFC), so that a name which its
// maker wrote decomposed, as macOS does, would become another file's.
#pragma once

#include <string_view>

#include "image/layer/tar_reader.h"

namespace crun::layer {

// header: all header blocks of one entry, from the first on. Sets path and link where a pax record of it says them.
// What does not parse is left to libarchive's view of it.
void take_exact_names(std::string_view header, TarEntry& entry);

}  // namespace crun::layer
