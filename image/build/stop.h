// A build that is asked to end, by a descriptor that becomes readable (a signalfd).
#pragma once

#include <poll.h>

#include "crun/error.h"

namespace crun::build {

// Throws Error{busy} once `stop` is readable; it is not read. -1: never.
inline void check_stop(int stop) {
  struct pollfd polled = {stop, POLLIN, 0};
  if (stop >= 0 && poll(&polled, 1, 0) > 0) throw Error(ErrorKind::busy, "the build was stopped");
}

}  // namespace crun::build
