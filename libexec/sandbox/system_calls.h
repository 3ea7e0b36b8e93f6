// The system calls that are left behind the walls.
#pragma once

namespace crun::sandbox {

// Any other call kills the process. writable: those that make and change files are left too; threads: those that start
// and end one. Throws Error{unsupported} where the kernel has no seccomp filters.
void restrict_system_calls(bool writable, bool threads);

}  // namespace crun::sandbox
