// This process's own terminal while a container's is shown on it.
#pragma once

#include <string>

#include "crun/containers.h"

namespace crun::cli {

// What must be right before a container is started to be attached to. Throws Error{invalid} where it is to read from a
// terminal and stdin is none, and where detach_keys (of docker's form; empty: the default) are not understood.
void check_terminal(bool interactive, bool tty, const std::string& detach_keys);

// Of this process's own terminal: stdin's, else stdout's; zero where neither is one.
TerminalSize terminal_size();

struct Attachment {
  bool interactive = false;
  bool tty = false;
  bool forward_signals = true;
  std::string detach_keys;  // empty: ctrl-p,ctrl-q
};

// Relays until the process has ended or was left. With a tty, and stdin a terminal, that one is raw meanwhile and its
// size follows; it is restored however this ends, by a signal too.
Outcome attach(Session& session, const Attachment& attachment);

}  // namespace crun::cli
