// Reads (and inflates) ahead in a second thread, so that one layer takes two processors.
#pragma once

#include <memory>

#include "image/layer/stream.h"

namespace crun::layer {

// The bytes of `source`, of which a megabyte at most waits. An error of it is thrown by the next() that would have met
// it. on_raw listeners of the source are called by that thread; look at what they gathered only when next() has given
// the end. When the result is dropped early the thread is left behind with the source, for it may hang in a read(2) of
// a pipe: for processes that end soon then.
std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source);

}  // namespace crun::layer
