// Landlock (landlock(7)) as a second wall behind the pivot.
#pragma once

#include <vector>

namespace crun::sandbox {

// Nothing outside of `root` may be opened or made from now on, and nothing run; below `readable` (folders) files may be
// read. A kernel without landlock, or with its
// first version (which cannot allow links between folders), is no error. Throws SysError.
void restrict_files(int root, bool writable, const std::vector<int>& readable);

}  // namespace crun::sandbox
