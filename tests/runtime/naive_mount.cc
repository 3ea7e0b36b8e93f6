// naive_mount ROOT DESTINATION OUTSIDE: mounts a tmpfs on ROOT/DESTINATION again and again as runtimes did before
// CVE-2021-30465 and CVE-2024-45310: the path is resolved and found to be in the root, its last folder is made and it
// is mounted on, each time by the path's letters. Ends with 0 as soon as something is in OUTSIDE, with 1 after 20
// seconds: a race that does not hit this program shows nothing of another that it does not hit. In a mount namespace
// of its own.
#include <dirent.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <string>

namespace {

constexpr time_t kLongest = 20;

bool is_empty(const char* path) {
  DIR* folder = opendir(path);
  if (folder == nullptr) return true;
  int entries = 0;
  while (readdir(folder) != nullptr) ++entries;
  closedir(folder);
  return entries <= 2;
}

bool is_inside(const std::string& root, const std::string& path) {
  char resolved[PATH_MAX];
  if (realpath(path.c_str(), resolved) == nullptr) return false;
  return std::string(resolved).rfind(root + "/", 0) == 0;
}

void mount_once(const std::string& root, const std::string& path) {
  if (!is_inside(root, path.substr(0, path.rfind('/')))) return;
  if (mkdir(path.c_str(), 0755) != 0) return;
  if (mount("tmpfs", path.c_str(), "tmpfs", 0, nullptr) == 0) umount2(path.c_str(), MNT_DETACH);
  // Where it lies by now: what was made elsewhere stays there.
  rmdir(path.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fputs("usage: naive_mount ROOT DESTINATION OUTSIDE\n", stderr);
    return 64;
  }
  std::string root = argv[1];
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const time_t end = now.tv_sec + kLongest;
  while (now.tv_sec < end) {
    mount_once(root, root + argv[2]);
    if (!is_empty(argv[3])) return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
  }
  return 1;
}
