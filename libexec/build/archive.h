// ADD of an archive.
#pragma once

#include "base/dir.h"

namespace crun::build {

// Unpacks a tar, plain or compressed, into an empty folder; false, with nothing done, where the file is none.
// file: at its start. Throws Error{invalid} for a damaged or hostile one, Error{unsupported} for a compression that is
// not known here.
bool unpack_archive(int file, const Dir& empty);

}  // namespace crun::build
