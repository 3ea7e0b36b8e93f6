#include "base/child.h"

#include <doctest/doctest.h>
#include <signal.h>

#include "base/file.h"
#include "base/pipe.h"
#include "crun/error.h"

using crun::Child;
using crun::Pipe;
using crun::spawn;

TEST_CASE("a program gets exactly the descriptors it was given") {
  Pipe output = Pipe::make();
  Pipe other = Pipe::make();
  Child child = spawn({.path = "/bin/sh",
                       .arguments = {"sh", "-c", "echo $NAME; ls /proc/self/fd | tr '\\n' ' '"},
                       .environment = {"NAME=value", "PATH=/bin:/usr/bin"},
                       .fds = {-1, output.write_end.get(), output.write_end.get()}});
  output.write_end.reset();
  CHECK(crun::read_to_end(output.read_end.get(), 1000, "output") == "value\n0 1 2 3 ");
  CHECK(child.wait().shell_code() == 0);
}

TEST_CASE("sources that are each other's targets are not lost") {
  Pipe a = Pipe::make();
  // fd 0 of the child is our 1, and its 1 our 0: a plain dup2 chain would lose one.
  Child child =
      spawn({.path = "/bin/true", .arguments = {"true"}, .environment = {}, .fds = {1, 0, a.write_end.get()}});
  CHECK(child.wait().value == 0);
}

TEST_CASE("a program that cannot be executed is an error with its errno") {
  try {
    spawn({.path = "/does/not/exist", .arguments = {"x"}, .environment = {}});
    FAIL("no error");
  } catch (const crun::SysError& error) {
    CHECK(error.errno_value() == ENOENT);
    CHECK(error.text() == "starting /does/not/exist: no such file or directory");
  }
}

TEST_CASE("exit by signal is told apart and a dropped child is reaped") {
  Child child = spawn({.path = "/bin/sleep", .arguments = {"sleep", "100"}, .environment = {}});
  child.kill(SIGTERM);
  crun::ExitStatus status = child.wait();
  CHECK(status.signaled);
  CHECK(status.shell_code() == 128 + SIGTERM);
  pid_t pid = 0;
  {
    Child dropped = spawn({.path = "/bin/sleep", .arguments = {"sleep", "100"}, .environment = {}});
    pid = dropped.pid();
  }
  CHECK(::kill(pid, 0) != 0);
}
