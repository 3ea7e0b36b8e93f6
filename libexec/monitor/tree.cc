#include "libexec/monitor/tree.h"

#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/time_types.h>

#include "libexec/freestanding/start.h"
#include "libexec/freestanding/system_call.h"

namespace crun::monitor {
namespace {

using freestanding::call;

constexpr int kDeepest = 64;
constexpr long kEnoent = -2;
constexpr long kEbusy = -16;
constexpr long kEperm = -1;
constexpr long kEisdir = -21;
constexpr long kEnotempty = -39;
constexpr long kEloop = -40;

struct DirectoryEntry {  // getdents64(2); the name goes on for as long as it has to
  unsigned long inode;
  long offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

long open_folder(int parent, const char* name) noexcept {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  return call(__NR_openat2, parent, name, &how, sizeof how);
}

bool is_dots(const char* name) noexcept {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

using Remove = long (*)(int folder, const char* name, int depth) noexcept;

// Calls `remove` for each entry until none is left, or none of those left can be removed.
long remove_entries(int folder, Remove remove, int depth) noexcept {
  for (;;) {
    long removed = 0;
    long error = 0;
    call(__NR_lseek, folder, 0, 0);
    for (;;) {
      alignas(DirectoryEntry) char buffer[512];
      long size = call(__NR_getdents64, folder, buffer, sizeof buffer);
      if (size <= 0) {
        error = size < 0 ? size : error;
        break;
      }
      for (long at = 0; at < size;) {
        auto* entry = reinterpret_cast<DirectoryEntry*>(buffer + at);
        at += entry->length;
        if (is_dots(entry->name)) continue;
        long result = remove(folder, entry->name, depth);
        if (result == 0) ++removed;
        if (result < 0 && error == 0) error = result;
      }
    }
    // Entries may be skipped by a listing that is changed while it is read, so it is read again until it is empty.
    if (removed == 0) return error;
  }
}

long remove_entry(int parent, const char* name, int depth) noexcept {
  long result = call(__NR_unlinkat, parent, name, 0);
  if (result == kEnoent) return 0;
  if (result != kEisdir && result != kEperm) return result;
  result = call(__NR_unlinkat, parent, name, AT_REMOVEDIR);
  if (result != kEnotempty) return result == kEnoent ? 0 : result;
  if (depth == kDeepest) return kEloop;
  long folder = open_folder(parent, name);
  if (folder < 0) return folder;
  long error = remove_entries(static_cast<int>(folder), remove_entry, depth + 1);
  call(__NR_close, folder);
  result = call(__NR_unlinkat, parent, name, AT_REMOVEDIR);
  return result == kEnoent || result == 0 ? 0 : (error != 0 ? error : result);
}

// A cgroup's files cannot be unlinked; its folders go by rmdir alone.
long remove_cgroup_entry(int parent, const char* name, int depth) noexcept {
  long result = call(__NR_unlinkat, parent, name, AT_REMOVEDIR);
  if (result == 0 || result == kEnoent) return 0;
  if (result != kEbusy || depth == kDeepest) return result;
  long folder = open_folder(parent, name);
  if (folder < 0) return folder;
  remove_entries(static_cast<int>(folder), remove_cgroup_entry, depth + 1);
  call(__NR_close, folder);
  return call(__NR_unlinkat, parent, name, AT_REMOVEDIR);
}

void kill_cgroup(int parent, const char* name) noexcept {
  long folder = open_folder(parent, name);
  if (folder < 0) return;
  long file = call(__NR_openat, folder, "cgroup.kill", O_WRONLY | O_CLOEXEC, 0);
  if (file >= 0) {
    call(__NR_write, file, "1", 1);
    call(__NR_close, file);
  }
  call(__NR_close, folder);
}

}  // namespace

long remove_tree(int parent, const char* name) noexcept { return remove_entry(parent, name, 0); }

long remove_cgroup(int parent, const char* name) noexcept {
  constexpr int kTries = 400;  // of 5 ms
  for (int attempt = 0;; ++attempt) {
    long result = remove_cgroup_entry(parent, name, 0);
    if (result != kEbusy || attempt == kTries) return result;
    kill_cgroup(parent, name);
    __kernel_timespec pause{0, 5'000'000};
    call(__NR_nanosleep, &pause, nullptr);
  }
}

}  // namespace crun::monitor
