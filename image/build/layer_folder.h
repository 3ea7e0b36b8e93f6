// The folder that becomes a layer: what must be true of it before an overlay is mounted over it, and after.
#pragma once

#include <functional>

#include "base/dir.h"

namespace crun::build {

// Gives `upper`, new and empty, the owner, mode, attributes and times that the root has below it; or 0:0, 0755 and 1970
// where there is nothing below. lower: the uppermost layer's folder, or null.
void begin_layer_folder(const Dir& upper, const Dir* lower);

// After the unmount: takes overlay's own marks away, and sockets, which mean nothing without their process; one that
// hides a file of the layers below leaves a whiteout. lower: opens a view of all of them; called where there is a
// socket. Throws SysError.
void finish_layer_folder(const Dir& upper, const std::function<Dir()>& lower);

}  // namespace crun::build
