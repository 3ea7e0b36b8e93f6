// How the start of a container's process, or of an exec'd one, went: the beginning of protocol.h, both sides.
#pragma once

#include <sys/types.h>

#include "crun/error.h"
#include "crun/runtime.h"
#include "engine/impl.h"

namespace crun::engine {

// A process that runs and its monitor, as their client holds them.
struct Launched {
  Fd socket;    // to the monitor; empty where nobody attaches
  Fd process;   // pidfd of the process
  Fd input;     // the write end of its stdin, or with a terminal the pty's master; empty: none
  Fd terminal;  // the master again, to resize; empty: none
};

// The client's side: waits for "started" or "failed" on launched.socket. setup: the process that was forked to set up;
// it becomes the monitor, which the engine reaps later. Throws what it met: ProgramError (126, 127) or Error.
void receive_start(Engine::Impl& engine, Launched& launched, pid_t setup);

// The set-up process's side. terminal: the pty's master, or -1.
void tell_started(const Fd& socket, const PreparedProcess& process, int terminal);
void tell_failed(const Fd& socket, const Error& error) noexcept;

// In the set-up process, first of all: apart from the caller's terminal and its signals, which are the client's; that
// one forwards what the container should get.
void leave_session();

}  // namespace crun::engine
