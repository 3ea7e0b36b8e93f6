#include "base/file_lock.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

using crun::Fd;
using crun::FileLock;

namespace {

Fd open_again(int fd) { return Fd(open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDWR | O_CLOEXEC)); }

}  // namespace

TEST_CASE("a lock excludes other opens of the file and ends with its last descriptor") {
  char name[] = "/tmp/lock-test.XXXXXX";
  Fd file(mkstemp(name));
  unlink(name);
  Fd again = open_again(file.get());
  {
    FileLock held = FileLock::exclusive(open_again(file.get()), "test");
    CHECK_FALSE(FileLock::try_exclusive(open_again(file.get()), "test").has_value());
    pid_t pid = fork();
    if (pid == 0) {
      pause();
      _exit(0);
    }
    // The child shares the lock: ours alone being closed does not free it.
    held.release().reset();
    CHECK_FALSE(FileLock::try_exclusive(open_again(file.get()), "test").has_value());
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  CHECK(FileLock::try_exclusive(std::move(again), "test").has_value());
}
