// A process in the foreground: its terminal is relayed, our signals reach it, its exit code becomes ours.
#pragma once

#include <signal.h>

#include "crun/runtime.h"

namespace crun::cli {

class Session {
 public:
  // Blocks the signals that are to be passed on; to be made before the process, so that none is lost in between.
  Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // Waits for a process that runs, and reaps it. terminal: its pty's master, or empty. Gives its exit code, as a shell
  // has it.
  int run(const UnreapedProcess& process, Fd terminal);

 private:
  sigset_t before_;
  Fd signals_;
};

}  // namespace crun::cli
