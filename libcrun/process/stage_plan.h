// What the stage (libexec/stage) gets from the child: one flat blob in a memfd, position-independent. Only data and the
// types of the kernel: the stage is built without a libc.
#pragma once

#include <stdint.h>

namespace crun::process {

inline constexpr uint32_t kStagePlanMagic = 0x53746731;

// `count` elements at `offset` bytes from the blob's start. Texts are NUL-terminated; count is without the NUL.
struct BlobRange {
  uint32_t offset = 0;
  uint32_t count = 0;
};

struct StageRlimit {
  uint32_t resource = 0;
  uint32_t padding = 0;
  uint64_t soft = 0;
  uint64_t hard = 0;
};

// A system call that the parent has written down whole.
struct StageCall {
  uint32_t step = 0;           // process::Step, should it fail
  int32_t data_argument = -1;  // this argument is an offset from the blob's start, to become a pointer; -1: none
  uint64_t number = 0;
  uint64_t arguments[4] = {};
};

struct StagePlan {
  uint32_t magic = kStagePlanMagic;
  uint32_t size = 0;  // of the whole blob, in bytes
  // Descriptors, -1 where there is none. In one process all three are the sync socket; else fifos of the state folder.
  int32_t ready_fd = -1;   // gets Message{ready}, and is closed where it is not the result_fd
  int32_t start_fd = -1;   // one read, of anything, lets the program run; end of file ends it
  int32_t result_fd = -1;  // gets Message{failed}; is closed by the execve
  int32_t proc_fd = -1;    // the root of a procfs that nobody else can reach
  uint32_t first_closed_fd = 3;
  int32_t death_signal = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint32_t umask = 022;
  uint32_t no_new_privileges = 0;
  uint32_t last_capability = 0;
  uint32_t filter_flags = 0;
  // Capability n is bit n.
  uint64_t bounding = 0;
  uint64_t effective = 0;
  uint64_t permitted = 0;
  uint64_t inheritable = 0;
  uint64_t ambient = 0;
  BlobRange groups;          // uint32_t
  BlobRange rlimits;         // StageRlimit
  BlobRange calls;           // StageCall
  BlobRange filter;          // struct sock_filter, 8 bytes each
  BlobRange argv;            // uint64_t offsets of texts, and a 0
  BlobRange envp;            // uint64_t offsets of texts, and a 0
  BlobRange programs;        // uint64_t offsets of texts: paths to try in turn, as execvp(3) would
  BlobRange cwd;             // text
  BlobRange label_files[2];  // texts: the first that exists below proc_fd's folder of the thread gets label_value
  BlobRange label_value;     // text; count 0: no label
};

}  // namespace crun::process
