// A session with a process that is a child of ours: `ctr exec` in the foreground.
#pragma once

#include <memory>

#include "base/child.h"
#include "crun/containers.h"

namespace crun::engine {

struct OwnProcess {
  Child child;
  Fd input;           // the write end of its stdin; empty: none
  Fd output, errors;  // the read ends; empty with a terminal
  Fd terminal;        // the pty's master
};

// interactive: with a terminal, whether what is typed goes to it.
std::unique_ptr<Session> make_own_session(OwnProcess process, bool interactive);

}  // namespace crun::engine
