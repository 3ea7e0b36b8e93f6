// How willingly the kernel ends a process that is out of memory (proc(5), oom_score_adj).
#pragma once

#include <sys/types.h>

namespace crun::process {

// Sets it for a child of ours that has not executed its program yet. By the parent, since lowering needs
// CAP_SYS_RESOURCE outside every user namespace of the child's own. Throws SysError.
void set_oom_score(pid_t child, int score);

}  // namespace crun::process
