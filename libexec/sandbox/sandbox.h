// The walls around a process of ours that parses what others made. Entered once, by main, before the first byte is
// read; any wall that cannot be built ends in an error, and the caller must end the process then.
//
// In this order: other descriptors closed; not dumpable; own mount, network, IPC and UTS namespace; pivot into one
// folder (or into an empty, read-only tmpfs); capabilities; no_new_privs; limits; landlock where the kernel has it;
// seccomp, which kills on any call that is not listed.
#pragma once

#include <cstdint>
#include <vector>

#include "base/dir.h"

namespace crun::sandbox {

struct Walls {
  // Becomes `/`, without devices, set-id, exec and the following of links. Never derived from a path: a descriptor that
  // was handed over, and never the host's root, which is compared. -1: an empty tmpfs.
  int root = -1;
  bool reads_all = false;        // whatever the files' modes (CAP_DAC_READ_SEARCH)
  bool writable = false;         // else all mounts are read-only, and every capability is given up
  int parent = 1;                // a pipe or socket to whoever started us: we end with it
  std::vector<int> descriptors;  // to be kept open, beside 0, 1, 2 and root
  std::vector<int> readable;     // folders outside of root that may be read through their descriptors
  uint64_t memory = 1ULL << 30;  // bytes of address space for data
  bool threads = false;          // one more thread may be started
};

// Gives the new root, opened. Throws SysError, Error{denied}.
Dir enter(const Walls& walls);

}  // namespace crun::sandbox
