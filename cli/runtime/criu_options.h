// Flags that checkpoint and restore share, and what they say to criu.
#pragma once

#include "cli/command/parse.h"
#include "crun/checkpoint.h"

namespace crun::cli {

inline constexpr Option kAutoDedupOption{"auto-dedup", 0, Takes::nothing, "", "free memory of parent images"};
inline constexpr Option kEmptyNsOption{"empty-ns", 0, Takes::values, "network", "leave what is in that namespace out"};
inline constexpr Option kExtUnixSkOption{"ext-unix-sk", 0, Takes::nothing, "", "allow unix sockets to the outside"};
inline constexpr Option kFileLocksOption{"file-locks", 0, Takes::nothing, "", "allow file locks"};
inline constexpr Option kImagePathOption{"image-path", 0, Takes::value, "folder", "of the images (default checkpoint)"};
inline constexpr Option kLazyPagesOption{"lazy-pages", 0, Takes::nothing, "", "memory by userfaultfd, when it is used"};
inline constexpr Option kLinkRemapOption{"link-remap", 0, Takes::nothing, "", "allow unlinked files in use"};
inline constexpr Option kManageCgroupsOption{"manage-cgroups-mode", 0, Takes::value, "mode",
                                             "soft, full, strict or ignore (default soft)"};
inline constexpr Option kShellJobOption{"shell-job", 0, Takes::nothing, "", "allow processes of a shell's session"};
inline constexpr Option kTcpEstablishedOption{"tcp-established", 0, Takes::nothing, "", "allow open connections"};
inline constexpr Option kWorkPathOption{"work-path", 0, Takes::value, "folder", "of criu's log (default the images')"};

// Throws Error{invalid}, UsageError.
CriuOptions criu_options_of(const Options& options);

}  // namespace crun::cli
