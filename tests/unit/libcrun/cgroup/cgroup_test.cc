// What needs no kernel behind the files: a plain folder stands for the hierarchy. The rest is tested in a VM.
#include "libcrun/cgroup/cgroup.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "crun/error.h"
#include "libcrun/cgroup/create.h"
#include "libcrun/cgroup/files.h"

namespace crun::cgroup {
namespace {

struct Scratch {
  Scratch() : top(mkdtemp(name)), hierarchy(Dir::open(top), {top, "/"}) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { Dir::open("/tmp").remove_tree(top.substr(5)); }

  void put(const std::string& path, std::string_view content) {
    size_t slash = path.rfind('/');
    Dir folder = hierarchy.root().make_dirs(path.substr(0, slash), 0755);
    folder.replace_file(path.substr(slash + 1), content, 0644, false);
  }
  std::string get(const std::string& path) { return hierarchy.root().read_file(path, 4096); }
  // A cgroup that has every controller, as far as its files say.
  void group(const std::string& path) { put(path + "/cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma\n"); }
  void update(const std::string& path, const spec::Resources& resources) {
    group(path);
    cgroup(path).update(hierarchy, resources);
  }
  Cgroup cgroup(const std::string& path) { return std::move(*Cgroup::find(hierarchy, path)); }

  char name[32] = "/tmp/cgroup_test.XXXXXX";
  std::string top;
  Hierarchy hierarchy;
};

TEST_CASE("limits are written to the files that are there") {
  Scratch scratch;
  scratch.put("/a/io.weight", "");
  scratch.put("/a/pids.max", "");
  spec::Resources resources;
  resources.pids_limit = 7;
  resources.block_io.emplace().weight = 1000;
  scratch.update("/a", resources);
  CHECK(scratch.get("/a/pids.max") == "7");
  CHECK(scratch.get("/a/io.weight") == "10000");
  scratch.put("/a/io.bfq.weight", "");
  scratch.update("/a", resources);
  CHECK(scratch.get("/a/io.bfq.weight") == "1000");
}

TEST_CASE("a limit without its file is refused by both names, unless it is met anyway") {
  Scratch scratch;
  scratch.put("/a/memory.max", "");
  spec::Resources resources;
  resources.memory.emplace().limit = 1000;
  resources.memory->swap = 1500;
  CHECK_THROWS_WITH_AS(
      scratch.update("/a", resources),
      "memory.swap needs the file memory.swap.max of cgroup v2, which this kernel does not have in its "
      "memory controller",
      Error);
  resources.memory->swap = 1000;
  scratch.update("/a", resources);
  CHECK(scratch.get("/a/memory.max") == "1000");
}

TEST_CASE("checkBeforeUpdate refuses a limit below what is in use") {
  Scratch scratch;
  scratch.put("/a/memory.max", "");
  scratch.put("/a/memory.current", "5000\n");
  spec::Resources resources;
  resources.memory.emplace().limit = 4999;
  resources.memory->check_before_update = true;
  CHECK_THROWS_AS(scratch.update("/a", resources), Error);
  CHECK(scratch.get("/a/memory.max").empty());
  resources.memory->limit = 5000;
  scratch.update("/a", resources);
  CHECK(scratch.get("/a/memory.max") == "5000");
}

TEST_CASE("a new period alone keeps the quota") {
  Scratch scratch;
  scratch.put("/a/cpu.max", "5000 100000\n");
  spec::Resources resources;
  resources.cpu.emplace().period = 20000;
  scratch.update("/a", resources);
  CHECK(scratch.get("/a/cpu.max").substr(0, 10) == "5000 20000");
}

TEST_CASE("counters") {
  Scratch scratch;
  scratch.put("/a/memory.current", "4096\n");
  scratch.put("/a/memory.max", "max\n");
  scratch.put("/a/memory.events", "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n");
  scratch.put("/a/cpu.stat",
              "usage_usec 10\nuser_usec 6\nsystem_usec 4\nnr_periods 5\nnr_throttled 3\nthrottled_usec 77\n");
  scratch.put("/a/pids.current", "2\n");
  scratch.put("/a/io.stat",
              "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=5 wbytes=6 rios=1 wios=1\n");
  scratch.put("/a/memory.stat", "anon 100\nfile 200\ninactive_file 150\n");
  scratch.put("/a/memory.swap.current", "8192\n");
  scratch.put("/a/memory.pressure",
              "some avg10=1.50 avg60=2.00 avg300=0.25 total=123\nfull avg10=0.00 avg60=0.50 "
              "avg300=0.00 total=45\n");
  scratch.put("/a/hugetlb.2MB.current", "4194304\n");
  scratch.put("/a/hugetlb.2MB.max", "max\n");
  scratch.put("/a/hugetlb.2MB.events", "max 7\n");
  scratch.put("/a/hugetlb.2MB.rsvd.current", "2097152\n");
  scratch.put("/a/rdma.current", "mlx4_0 hca_handle=2 hca_object=2000\nocrdma1 hca_handle=1 hca_object=0\n");
  scratch.put("/a/rdma.max", "mlx4_0 hca_handle=5 hca_object=max\n");
  ContainerStats stats = scratch.cgroup("/a").stats();
  CHECK(stats.memory.current == 4096);
  CHECK_FALSE(stats.memory.limit.has_value());
  CHECK(stats.memory.oom_kills == 2);
  CHECK(stats.memory.limit_events == 9);
  CHECK(stats.memory.detail == std::map<std::string, uint64_t>{{"anon", 100}, {"file", 200}, {"inactive_file", 150}});
  CHECK(stats.memory.swap_current == 8192);
  REQUIRE(stats.memory.pressure.has_value());
  CHECK(stats.memory.pressure->some.avg10 == 1.5);
  CHECK(stats.memory.pressure->some.avg300 == 0.25);
  CHECK(stats.memory.pressure->some.total == 123);
  CHECK(stats.memory.pressure->full.avg60 == 0.5);
  CHECK(stats.memory.pressure->full.total == 45);
  CHECK_FALSE(stats.cpu.pressure.has_value());
  CHECK(stats.cpu.usage == 10);
  CHECK(stats.cpu.periods == 5);
  CHECK(stats.cpu.throttled == 77);
  CHECK(stats.cpu.throttled_periods == 3);
  CHECK(stats.pids.current == 2);
  CHECK_FALSE(stats.pids.limit.has_value());
  REQUIRE(stats.io.size() == 2);
  CHECK(stats.io[0].read_bytes == 10);
  CHECK(stats.io[0].writes == 2);
  CHECK(stats.io[1].minor == 16);
  CHECK(stats.io[1].write_bytes == 6);
  REQUIRE(stats.hugetlb.size() == 1);
  CHECK(stats.hugetlb["2MB"].current == 4194304);
  CHECK_FALSE(stats.hugetlb["2MB"].limit.has_value());
  CHECK(stats.hugetlb["2MB"].limit_events == 7);
  CHECK(stats.hugetlb["2MB"].reserved == 2097152);
  REQUIRE(stats.rdma.size() == 2);
  CHECK(stats.rdma["mlx4_0"].handles == 2);
  CHECK(stats.rdma["mlx4_0"].handle_limit == 5);
  CHECK_FALSE(stats.rdma["mlx4_0"].object_limit.has_value());
  CHECK(stats.rdma["ocrdma1"].handles == 1);
  CHECK(scratch.cgroup("/a").oom_kills() == 2);
}

TEST_CASE("processes, with and without those of child cgroups") {
  Scratch scratch;
  scratch.put("/a/cgroup.procs", "3\n4\n0\n");
  scratch.put("/a/b/cgroup.procs", "5\n");
  CHECK(scratch.cgroup("/a").processes(false) == std::vector<pid_t>{3, 4});
  CHECK(scratch.cgroup("/a").processes(true) == std::vector<pid_t>{5, 3, 4});
}

// A process that waits, in the file of a folder that has no cgroup.kill, as before Linux 5.14.
struct Sleeper {
  Sleeper() : pid(fork()) {
    if (pid != 0) return;
    for (;;) pause();
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  ~Sleeper() {
    if (pid <= 0) return;
    ::kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  // The signal that ends it.
  int ended_by() {
    int status = 0;
    waitpid(pid, &status, 0);
    pid = -1;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
  pid_t pid;
};

TEST_CASE("without cgroup.kill each process gets the signal, in children too, while the cgroup stands still") {
  Scratch scratch;
  Sleeper first;
  Sleeper second;
  scratch.put("/a/cgroup.procs", std::to_string(first.pid) + "\n");
  scratch.put("/a/b/cgroup.procs", std::to_string(second.pid) + "\n");
  scratch.put("/a/cgroup.freeze", "0\n");
  // A plain folder answers at once: it is frozen as soon as it is asked to be.
  scratch.put("/a/cgroup.events", "populated 1\nfrozen 1\n");
  scratch.cgroup("/a").kill();
  CHECK(first.ended_by() == SIGKILL);
  CHECK(second.ended_by() == SIGKILL);
}

TEST_CASE("without cgroup.kill, nobody is signalled in a cgroup where nobody lives") {
  Scratch scratch;
  Sleeper stale;
  scratch.put("/a/cgroup.procs", std::to_string(stale.pid) + "\n");
  scratch.put("/a/cgroup.events", "populated 0\nfrozen 0\n");
  scratch.cgroup("/a").kill();
  CHECK(::kill(stale.pid, 0) == 0);
  int status = 0;
  CHECK(waitpid(stale.pid, &status, WNOHANG) == 0);
}

TEST_CASE("a signal to all reaches a cgroup that stands still already, and leaves it so") {
  Scratch scratch;
  Sleeper one;
  scratch.put("/a/cgroup.procs", std::to_string(one.pid) + "\n");
  scratch.put("/a/cgroup.freeze", "0\n");
  scratch.put("/a/cgroup.events", "populated 1\nfrozen 1\n");
  scratch.cgroup("/a").signal_all(SIGUSR1);
  CHECK(one.ended_by() == SIGUSR1);
  // It was frozen by somebody else before: so it stays.
  CHECK(scratch.get("/a/cgroup.freeze") == "0\n");
}

TEST_CASE("an absent controller is refused with the limit that needs it, and the cgroup that lacks it") {
  Scratch scratch;
  scratch.put("/cgroup.controllers", "cpu io\n");
  scratch.put("/cgroup.subtree_control", "");
  scratch.put("/a/b/cgroup.controllers", "");
  Settings settings = pids_settings(5);
  Dir leaf = scratch.hierarchy.root().open_dir("a/b");
  CHECK_THROWS_WITH_AS(
      hand_controllers_down(scratch.hierarchy, "/a/b", leaf, settings),
      "pids.limit needs the pids controller of cgroup v2, which cgroup / does not have (it has: cpu io); "
      "a cgroup v1 hierarchy may hold it: boot with cgroup_no_v1=all, or ask for less",
      Error);
}

TEST_CASE("a missing memory controller is told of memory.limit, not of the swap that follows from it") {
  Scratch scratch;
  scratch.put("/cgroup.controllers", "\n");
  scratch.put("/cgroup.subtree_control", "");
  scratch.put("/a/cgroup.controllers", "");
  spec::Memory memory;
  memory.limit = 1000;
  memory.swap = 2000;
  memory.reservation = 500;
  try {
    hand_controllers_down(scratch.hierarchy, "/a", scratch.hierarchy.root().open_dir("a"), memory_settings(memory));
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.text().rfind("memory.limit needs the memory controller", 0) == 0);
  }
}

TEST_CASE("controllers are handed down where they are missing, and statistics' ones with them") {
  Scratch scratch;
  scratch.put("/cgroup.controllers", "pids\n");
  scratch.put("/cgroup.subtree_control", "");
  scratch.put("/a/cgroup.controllers", "pids\n");
  scratch.put("/a/cgroup.subtree_control", "");
  scratch.put("/a/b/cgroup.controllers", "");
  hand_controllers_down(scratch.hierarchy, "/a/b", scratch.hierarchy.root().open_dir("a/b"), pids_settings(5));
  CHECK(scratch.get("/cgroup.subtree_control") == "+pids");
  CHECK(scratch.get("/a/cgroup.subtree_control") == "+pids");
}

TEST_CASE("a failure leaves no folder behind, and what was there stays") {
  Scratch scratch;
  scratch.put("/there/x", "");
  spec::Resources resources;
  resources.pids_limit = 5;
  CHECK_THROWS_AS(Cgroup::create(scratch.hierarchy, "/there/a/b", resources), Error);
  CHECK_FALSE(scratch.hierarchy.root().find_dir("there/a").has_value());
  CHECK(scratch.hierarchy.root().find_dir("there").has_value());
}

TEST_CASE("a cgroup that somebody else uses is busy, an empty one is made anew") {
  Scratch scratch;
  scratch.put("/a/child/x", "");
  Rollback rollback;
  try {
    make_folders(scratch.hierarchy, "/a", rollback);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::busy);
  }
  scratch.hierarchy.root().make_dirs("empty", 0755);
  struct stat before {};
  fstat(scratch.hierarchy.root().open_dir("empty").fd(), &before);
  Dir made = make_folders(scratch.hierarchy, "/empty", rollback);
  struct stat after {};
  fstat(made.fd(), &after);
  rollback.dismiss();
  CHECK((before.st_ctim.tv_nsec != after.st_ctim.tv_nsec || before.st_ino != after.st_ino));
}

TEST_CASE("a symlink in the hierarchy's place is not followed") {
  Scratch scratch;
  REQUIRE(symlinkat("/", scratch.hierarchy.root().fd(), "link") == 0);
  Rollback rollback;
  CHECK_THROWS_AS(make_folders(scratch.hierarchy, "/link/a", rollback), SysError);
  CHECK_THROWS_AS(Cgroup::find(scratch.hierarchy, "/link"), SysError);
}

TEST_CASE("removing what is not there is no error") {
  Scratch scratch;
  Cgroup::remove(scratch.hierarchy, "/none/at/all");
  scratch.hierarchy.root().make_dirs("a/b/c", 0755);
  Cgroup::remove(scratch.hierarchy, "/a");
  CHECK_FALSE(Cgroup::find(scratch.hierarchy, "/a").has_value());
}

TEST_CASE("small files") {
  CHECK(number_in("12\n") == 12);
  CHECK_FALSE(number_in("max\n").has_value());
  CHECK(value_of("a 1\nb 2\n", "b") == 2);
  CHECK_FALSE(value_of("a 1\n", "b").has_value());
  CHECK(words_in(" a b\nc \n") == std::vector<std::string_view>{"a", "b", "c"});
}

}  // namespace
}  // namespace crun::cgroup
