#include "libcrun/container/criu.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/unit/scratch.h"

using namespace crun;
using namespace crun::container;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string script(const testing::Scratch& scratch, const std::string& text) {
  std::string path = scratch.path() + "/criu";
  std::ofstream(path) << "#!/bin/sh\n" << text;
  chmod(path.c_str(), 0755);
  return path;
}

}  // namespace

TEST_CASE("what a checkpoint tells criu") {
  CheckpointRequest request;
  request.criu.image_path = "/images";
  CriuDump dump;
  dump.pid = 42;
  CHECK(joined(criu_dump_arguments(request, dump)) ==
        "criu dump -v4 --log-file dump.log --images-dir /images --manage-cgroups=soft --tree 42");

  request.criu.work_path = "/work";
  request.criu.manage_cgroups_mode = "ignore";
  request.criu.tcp_established = request.criu.ext_unix_sk = request.criu.shell_job = true;
  request.criu.file_locks = request.criu.lazy_pages = request.criu.auto_dedup = request.criu.link_remap = true;
  request.criu.empty_network = true;
  request.leave_running = request.tcp_skip_in_flight = true;
  request.parent_path = "../before";
  request.page_server = "[::1]:27";
  dump.rootfs = "/bundle/rootfs";
  dump.freeze_cgroup = "/sys/fs/cgroup/ctr/c1";
  dump.mounts = {{"/run/hosts", "/var/run/hosts"}, {"/proc/kcore", "/proc/kcore"}};
  dump.network_inode = 4026531840;
  dump.status_fd = 3;
  CHECK(joined(criu_dump_arguments(request, dump)) ==
        "criu dump -v4 --log-file dump.log --images-dir /images --work-dir /work --manage-cgroups=ignore"
        " --tcp-established --ext-unix-sk --shell-job --file-locks --lazy-pages --auto-dedup --link-remap"
        " --empty-ns net --tree 42 --root /bundle/rootfs --freeze-cgroup /sys/fs/cgroup/ctr/c1 --leave-running"
        " --skip-in-flight --track-mem --prev-images-dir ../before --page-server --address [::1] --port 27"
        " --status-fd 3 --external mnt[/run/hosts]:/var/run/hosts --external mnt[/proc/kcore]:/proc/kcore"
        " --external net[4026531840]:extRootNetNS");
}

TEST_CASE("a pre-dump tracks memory, and kills nobody") {
  CheckpointRequest request;
  request.criu.image_path = "/images";
  request.pre_dump = true;
  CriuDump dump;
  dump.pid = 1;
  CHECK(joined(criu_dump_arguments(request, dump)) ==
        "criu pre-dump -v4 --log-file dump.log --images-dir /images --manage-cgroups=soft --tree 1 --track-mem");
}

TEST_CASE("a page server has an address and a port") {
  CheckpointRequest request;
  for (const char* bad : {"host", ":27", "host:"}) {
    CAPTURE(bad);
    request.page_server = bad;
    CHECK_THROWS_AS(criu_dump_arguments(request, {}), Error);
  }
}

TEST_CASE("what a restore tells criu") {
  RestoreRequest request;
  request.criu.image_path = "/images";
  request.criu.tcp_established = true;
  request.lsm_profile = "apparmor:profile";
  request.lsm_mount_context = "context";
  CriuRestore restore{"/state/c1/criu-root",
                      "/state/c1/criu.pid",
                      "/ctr/c1",
                      {{"/var/run/hosts", "/host/hosts"}},
                      {{3, "pipe:[1234]"}, {4, kExternalNetwork}}};
  CHECK(joined(criu_restore_arguments(request, restore)) ==
        "criu restore -v4 --log-file restore.log --images-dir /images --manage-cgroups=soft --tcp-established"
        " --restore-detached --restore-sibling --evasive-devices --root /state/c1/criu-root --pidfile"
        " /state/c1/criu.pid --cgroup-root /ctr/c1 --lsm-profile apparmor:profile --lsm-mount-context context"
        " --external mnt[/var/run/hosts]:/host/hosts --inherit-fd fd[3]:pipe:[1234] --inherit-fd fd[4]:extRootNetNS");
}

TEST_CASE("a program that is not there is an error with the next step") {
  CHECK_THROWS_WITH_AS(find_criu("no-such-criu"),
                       "checkpoint and restore need the program no-such-criu, which is not in PATH; install the "
                       "package criu, or give --criu its path",
                       Error);
  CHECK_THROWS_WITH_AS(find_criu("/no/such/criu"),
                       "criu: /no/such/criu cannot be executed; give --criu the path of the program", Error);
  CHECK(find_criu("/bin/sh") == "/bin/sh");
  CHECK(find_criu("sh").ends_with("/sh"));
}

TEST_CASE("criu's failure is told in its own words") {
  testing::Scratch scratch;
  std::string log = scratch.path() + "/dump.log";
  CriuRun run{script(scratch,
                     "printf 'x\\nError (a.c:1): first\\nError (b.c:2): cause\\nWarn\\nError (c.c:3): FAILED\\n"
                     "Error (d.c:4): end\\n' >" +
                         log + "\nexit 3\n"),
              {"criu"},
              log,
              {}};
  CHECK_THROWS_WITH_AS(
      run_criu(run, "checkpointing container c1"),
      ("checkpointing container c1: criu failed with exit code 3: Error (b.c:2): cause; Error (c.c:3): "
       "FAILED; Error (d.c:4): end; its log is " +
       log)
          .c_str(),
      Error);
  run.program = script(scratch, "exit 0\n");
  CHECK_NOTHROW(run_criu(run, "x"));
}
