#include "libcrun/hooks/hooks.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "base/dir.h"
#include "base/file.h"
#include "crun/error.h"

namespace crun::hooks {
namespace {

struct Scratch {
  Scratch() : top(mkdtemp(name)) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { Dir::open("/tmp").remove_tree(top.substr(5)); }
  std::string read(const std::string& file) { return read_path(top + "/" + file); }
  char name[32] = "/tmp/hooks_test.XXXXXX";
  std::string top;
};

spec::Hook shell(const std::string& script) { return {"/bin/sh", {"sh", "-c", script}, {}, {}}; }

std::string error_of(const std::vector<spec::Hook>& hooks) {
  try {
    run("createRuntime", hooks, "{}");
  } catch (const Error& error) {
    return error.text();
  }
  return "no error";
}

TEST_CASE("a hook gets the state, its arguments and its own environment") {
  Scratch scratch;
  std::string state = R"({"id":"c1"})" + std::string(200000, ' ');
  spec::Hook hook =
      shell("/bin/cat > " + scratch.top + "/state; echo \"$0 $1 $X ${HOME-none}\" > " + scratch.top + "/rest");
  hook.args = {"name", "-c", hook.args[2], "zero", "one"};
  hook.env = {"X=y"};
  run("createRuntime", {hook}, state);
  CHECK(scratch.read("state") == state);
  CHECK(scratch.read("rest") == "zero one y none\n");
}

TEST_CASE("a hook that does not read its stdin holds nobody up") {
  run("createRuntime", {shell("exit 0")}, std::string(1 << 20, 'x'));
}

TEST_CASE("hooks run in order, and the first failure ends it") {
  Scratch scratch;
  std::string file = scratch.top + "/order";
  CHECK(error_of({shell("echo 1 >> " + file), shell("echo 2 >> " + file + "; exit 3"), shell("echo 3 >> " + file)}) ==
        "createRuntime hook 1 (/bin/sh): exit status 3");
  CHECK(scratch.read("order") == "1\n2\n");
}

TEST_CASE("for poststop a failure does not keep the others from running") {
  Scratch scratch;
  std::string file = scratch.top + "/order";
  run_all("poststop", {shell("exit 3"), {"/none", {}, {}, {}}, shell("echo 3 >> " + file)}, "{}");
  CHECK(scratch.read("order") == "3\n");
}

TEST_CASE("each way to fail has its text") {
  CHECK(error_of({{"/does/not/exist", {}, {}, {}}}) ==
        "createRuntime hook 0 (/does/not/exist): cannot be started: no such file or directory");
  CHECK(error_of({shell("kill -9 $$")}) == "createRuntime hook 0 (/bin/sh): ended by signal 9");
  spec::Hook slow = shell("exec /bin/sleep 30");
  slow.timeout = 1;
  auto start = std::chrono::steady_clock::now();
  CHECK(error_of({slow}) == "createRuntime hook 0 (/bin/sh): killed, it ran longer than its timeout of 1 s");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("what the child needs is ready made, and survives a move") {
  std::vector<spec::Hook> hooks = {{"/bin/a", {}, {"K=v"}, 2}, {"/bin/b", {"b", "x"}, {}, {}}};
  Prepared first(hooks, "{}");
  Prepared prepared(std::move(first));
  hooks.clear();
  REQUIRE(prepared.entries().size() == 2);
  const Prepared::Entry& a = prepared.entries()[0];
  CHECK(std::string(a.path) == "/bin/a");
  CHECK(std::string(a.argv[0]) == "/bin/a");
  CHECK(a.argv[1] == nullptr);
  CHECK(std::string(a.envp[0]) == "K=v");
  CHECK(a.envp[1] == nullptr);
  CHECK(a.timeout_ms == 2000);
  CHECK(read_to_end(a.state_fd, 100, "state") == "{}");
  CHECK(write(a.state_fd, "x", 1) == -1);
  const Prepared::Entry& b = prepared.entries()[1];
  CHECK(std::string(b.argv[1]) == "x");
  CHECK(b.timeout_ms == -1);
  CHECK(read_to_end(b.state_fd, 100, "state") == "{}");
}

}  // namespace
}  // namespace crun::hooks
