#include "libcrun/spec/validate.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <functional>

#include "crun/error.h"
#include "libcrun/spec/default_spec.h"
#include "libcrun/spec/rules.h"

namespace crun::spec {
namespace {

// What validate() says of the default spec after one change; "valid" for nothing.
std::string verdict(const std::function<void(Spec&)>& change) {
  Spec spec = default_spec();
  change(spec);
  try {
    validate(spec);
  } catch (const Error& error) {
    return (error.kind() == ErrorKind::unsupported ? "unsupported: " : "invalid: ") + error.text();
  }
  return "valid";
}

bool refused(std::string_view verdict_text, std::string_view start) {
  return verdict_text.substr(0, start.size()) == start;
}

Mount mount_on(std::string destination, std::string type, std::string source = {}) {
  return {std::move(destination), std::move(type), std::move(source), {}, {}, {}};
}

TEST_CASE("the default spec is valid") {
  CHECK(verdict([](Spec&) {}) == "valid");
}

TEST_CASE("version, root and process") {
  CHECK(refused(verdict([](Spec& s) { s.oci_version = "2.0.0"; }), "unsupported: ociVersion"));
  CHECK(verdict([](Spec& s) { s.oci_version = "1.0.2-dev"; }) == "valid");
  CHECK(refused(verdict([](Spec& s) { s.oci_version = "10.0"; }), "unsupported: ociVersion"));
  CHECK(refused(verdict([](Spec& s) { s.root.path.clear(); }), "invalid: root.path"));
  CHECK(refused(verdict([](Spec& s) { s.process.reset(); }), "invalid: process"));
  CHECK(refused(verdict([](Spec& s) { s.foreign_platforms = {"vm"}; }), "unsupported: vm"));
}

TEST_CASE("process: cwd, args, env") {
  CHECK(refused(verdict([](Spec& s) { s.process->cwd = "x"; }), "invalid: process.cwd"));
  CHECK(refused(verdict([](Spec& s) { s.process->args.clear(); }), "invalid: process.args"));
  CHECK(refused(verdict([](Spec& s) { s.process->args = {std::string("a\0b", 3)}; }), "invalid: process.args[0]"));
  CHECK(refused(verdict([](Spec& s) { s.process->env = {"A=1", std::string("B=\0", 3)}; }), "invalid: process.env[1]"));
  CHECK(refused(verdict([](Spec& s) { s.process->env = {"noequals"}; }), "invalid: process.env[0]"));
  CHECK(refused(verdict([](Spec& s) { s.process->env = {"=x"}; }), "invalid: process.env[0]"));
  CHECK(verdict([](Spec& s) { s.process->env = {"A="}; }) == "valid");
}

TEST_CASE("ids beyond 31 bits are refused (CVE-2024-40635)") {
  CHECK(verdict([](Spec& s) { s.process->user.uid = 2147483647; }) == "valid");
  CHECK(refused(verdict([](Spec& s) { s.process->user.uid = 2147483648; }), "invalid: process.user.uid"));
  CHECK(refused(verdict([](Spec& s) { s.process->user.gid = 4294967295; }), "invalid: process.user.gid"));
  CHECK(refused(verdict([](Spec& s) {
                  s.process->user.additional_gids = {1, 2147483648};
                }),
                "invalid: process.user.additionalGids[1]"));
  CHECK(refused(verdict([](Spec& s) { s.process->user.umask = 01000; }), "invalid: process.user.umask"));
}

TEST_CASE("limits") {
  CHECK(refused(verdict([](Spec& s) { s.process->rlimits = {{RLIMIT_CPU, 2, 1}}; }), "invalid: process.rlimits[0]"));
  CHECK(refused(verdict([](Spec& s) {
                  s.process->rlimits = {{RLIMIT_CPU, 1, 1}, {RLIMIT_CPU, 1, 1}};
                }),
                "invalid: process.rlimits[1].type: RLIMIT_CPU is there twice"));
  CHECK(refused(verdict([](Spec& s) { s.process->oom_score_adj = 1001; }), "invalid: process.oomScoreAdj"));
  CHECK(refused(verdict([](Spec& s) { s.process->apparmor_profile = "a\nb"; }), "invalid: process.apparmorProfile"));
}

TEST_CASE("mounts") {
  auto with = [](const Mount& mount) { return verdict([&](Spec& s) { s.mounts.push_back(mount); }); };
  CHECK(refused(with(mount_on("", "tmpfs")), "invalid: mounts[7].destination"));
  CHECK(refused(with(mount_on("/x", "bind")), "invalid: mounts[7].source"));
  CHECK(refused(with(mount_on("/a/..", "tmpfs")), "invalid: mounts[7].destination"));
  CHECK(with(mount_on("relative", "tmpfs")) == "valid");
}

TEST_CASE("nothing but a procfs covers /proc (CVE-2019-16884)") {
  auto with = [](const Mount& mount) { return verdict([&](Spec& s) { s.mounts.push_back(mount); }); };
  CHECK(refused(with(mount_on("/proc", "tmpfs")), "invalid: mounts[7]"));
  CHECK(refused(with(mount_on("//proc/./sys", "bind", "/x")), "invalid: mounts[7].destination"));
  CHECK(refused(with(mount_on("/etc/../proc/self", "bind", "/x")), "invalid: mounts[7].destination"));
  CHECK(refused(with(mount_on("proc/sys", "tmpfs")), "invalid: mounts[7].destination"));
  CHECK(with(mount_on("/proc/uptime", "bind", "/x")) == "valid");
  CHECK(with(mount_on("/process", "tmpfs")) == "valid");
}

TEST_CASE("namespaces") {
  auto with = [](NamespaceType type, std::string path) {
    return verdict([&](Spec& s) { s.linux.namespaces.push_back({type, path}); });
  };
  CHECK(refused(with(NamespaceType::pid, ""), "invalid: linux.namespaces[6].type: 'pid' is there twice"));
  CHECK(with(NamespaceType::user, "/proc/1/ns/user") == "valid");
  CHECK(with(NamespaceType::time, "") == "valid");
  CHECK(refused(verdict([](Spec& s) {
                  s.linux.namespaces = {{NamespaceType::mount, "proc/1/ns/mnt"}};
                }),
                "invalid: linux.namespaces[0].path"));
  CHECK(refused(verdict([](Spec& s) {
                  s.linux.namespaces = {{NamespaceType::pid, ""}};
                }),
                "unsupported: linux.namespaces: there is no mount namespace"));
  CHECK(refused(verdict([](Spec& s) { s.linux.namespaces = {{NamespaceType::mount, ""}}; }), "invalid: hostname"));
}

TEST_CASE("devices and device rules") {
  auto device = [](Device d) { return verdict([&](Spec& s) { s.linux.devices = {d}; }); };
  CHECK(device({DeviceType::character, "/dev/x", 1, 3, 0666, 0, 0}) == "valid");
  CHECK(device({DeviceType::fifo, "/dev/p", 0, 0, {}, {}, {}}) == "valid");
  CHECK(refused(device({DeviceType::character, "dev/x", 1, 3, {}, {}, {}}), "invalid: linux.devices[0].path"));
  CHECK(refused(device({DeviceType::block, "/dev/x", 0, 0, {}, {}, {}}), "invalid: linux.devices[0]: major and minor"));
  CHECK(refused(device({DeviceType::block, "/dev/x", 4096, 0, {}, {}, {}}), "invalid: linux.devices[0].major"));
  CHECK(refused(device({DeviceType::block, "/dev/x", 1, -1, {}, {}, {}}), "invalid: linux.devices[0].minor"));
  auto rule = [](DeviceRule r) { return verdict([&](Spec& s) { s.linux.resources.devices = {r}; }); };
  CHECK(refused(rule({true, DeviceType::fifo, {}, {}, "r"}), "invalid: linux.resources.devices[0].type"));
  CHECK(refused(rule({true, DeviceType::all, {}, {}, "rx"}), "invalid: linux.resources.devices[0].access"));
  CHECK(refused(rule({true, DeviceType::all, -2, {}, "r"}), "invalid: linux.resources.devices[0].major"));
}

TEST_CASE("cgroupsPath") {
  CHECK(verdict([](Spec& s) { s.linux.cgroups_path = "/a/b"; }) == "valid");
  CHECK(refused(verdict([](Spec& s) { s.linux.cgroups_path = "/a/../b"; }), "invalid: linux.cgroupsPath"));
  CHECK(verdict([](Spec& s) { s.linux.cgroups_path = "a.slice:b:c"; }) == "valid");
}

TEST_CASE("only sysctls of the container's own namespaces") {
  auto sysctl = [](const std::string& name) { return verdict([&](Spec& s) { s.linux.sysctl = {{name, "1"}}; }); };
  CHECK(sysctl("net.ipv4.ip_forward") == "valid");
  CHECK(sysctl("net/ipv4/conf/eth0.1/forwarding") == "valid");
  CHECK(sysctl("kernel.shmmax") == "valid");
  CHECK(sysctl("fs.mqueue.msg_max") == "valid");
  for (const char* bad : {"vm.swappiness", "kernel.core_pattern", "net/../kernel/core_pattern", "net.ipv4/../x",
                          "net..x", "kernel/shmmax/../core_pattern", "/net/x", "net.", "network"}) {
    CAPTURE(bad);
    CHECK(refused(sysctl(bad), "invalid: linux.sysctl"));
  }
  CHECK(refused(verdict([](Spec& s) {
                  s.linux.namespaces = {{NamespaceType::mount, ""}, {NamespaceType::uts, ""}};
                  s.linux.sysctl = {{"net.core.somaxconn", "1"}};
                }),
                "invalid: linux.sysctl.net.core.somaxconn: needs a network namespace"));
}

TEST_CASE("a sysctl's file, from both ways of writing its name") {
  CHECK(sysctl_path("net.ipv4.conf.eth0/1.forwarding") == "net/ipv4/conf/eth0.1/forwarding");
  CHECK(sysctl_path("net/ipv4/conf/eth0.1/forwarding") == "net/ipv4/conf/eth0.1/forwarding");
}

TEST_CASE("hooks") {
  CHECK(refused(verdict([](Spec& s) { s.hooks.poststop = {{"x", {}, {}, {}}}; }), "invalid: hooks.poststop[0].path"));
  CHECK(refused(verdict([](Spec& s) {
                  s.hooks.create_runtime = {{"/x", {}, {}, 0}};
                }),
                "invalid: hooks.createRuntime[0].timeout"));
}

TEST_CASE("seccomp") {
  auto with = [](const Seccomp& profile) { return verdict([&](Spec& s) { s.linux.seccomp = profile; }); };
  Seccomp profile;
  profile.syscalls = {{{"read"}, SeccompAction::allow, {}, {}}};
  CHECK(with(profile) == "valid");
  profile.syscalls[0].errno_ret = 1;
  CHECK(refused(with(profile), "invalid: linux.seccomp.syscalls[0].errnoRet"));
  profile.syscalls = {{{}, SeccompAction::allow, {}, {}}};
  CHECK(refused(with(profile), "invalid: linux.seccomp.syscalls[0].names"));
  profile.syscalls = {{{"read"}, SeccompAction::allow, {}, {{6, 0, 0, SeccompOperator::equal}}}};
  CHECK(refused(with(profile), "invalid: linux.seccomp.syscalls[0].args"));
  profile.syscalls = {{{"read"}, SeccompAction::notify, {}, {}}};
  CHECK(refused(with(profile), "invalid: linux.seccomp.listenerPath"));
  profile.listener_metadata = "x";
  CHECK(refused(with(profile), "invalid: linux.seccomp.listenerMetadata"));
  profile.listener_path = "/run/listener";
  CHECK(with(profile) == "valid");
}

TEST_CASE("scheduler, I/O priority and affinity") {
  auto with = [](Scheduler scheduler) { return verdict([&](Spec& s) { s.process->scheduler = scheduler; }); };
  CHECK(with({SchedulerPolicy::batch, 19, 0, {}, 0, 0, 0}) == "valid");
  CHECK(with({SchedulerPolicy::fifo, 0, 99, {}, 0, 0, 0}) == "valid");
  CHECK(with({SchedulerPolicy::deadline, 0, 0, {}, 1, 2, 3}) == "valid");
  CHECK(refused(with({SchedulerPolicy::other, 20, 0, {}, 0, 0, 0}), "invalid: process.scheduler.nice"));
  CHECK(refused(with({SchedulerPolicy::other, 0, 1, {}, 0, 0, 0}), "invalid: process.scheduler.priority"));
  CHECK(refused(with({SchedulerPolicy::fifo, 0, 100, {}, 0, 0, 0}), "invalid: process.scheduler.priority"));
  CHECK(refused(with({SchedulerPolicy::fifo, 0, 1, {}, 5, 0, 0}), "invalid: process.scheduler.runtime"));
  CHECK(refused(with({SchedulerPolicy::idle, 0, 0, {}, 0, 5, 0}), "invalid: process.scheduler.deadline"));
  CHECK(refused(with({SchedulerPolicy::idle, 0, 0, {}, 0, 0, 5}), "invalid: process.scheduler.period"));
  CHECK(refused(verdict([](Spec& s) {
                  s.process->io_priority = {IoPriorityClass::idle, 8};
                }),
                "invalid: process.ioPriority.priority"));
  for (const char* bad : {"a", "1-", "-1", "3-1", "1,,2", "1 2", "99999", "0x1", "1,"}) {
    CAPTURE(bad);
    CHECK(refused(verdict([&](Spec& s) {
                    s.process->exec_cpu_affinity = {"0", bad};
                  }),
                  "invalid: process.execCPUAffinity.final"));
  }
  CHECK(verdict([](Spec& s) { s.process->exec_cpu_affinity = {"0-3,7", ""}; }) == "valid");
}

TEST_CASE("memory policy and personality") {
  auto with = [](MemoryPolicy policy) { return verdict([&](Spec& s) { s.linux.memory_policy = policy; }); };
  CHECK(with({MemoryPolicyMode::bind, "0", {}}) == "valid");
  CHECK(with({MemoryPolicyMode::preferred, "", {}}) == "valid");
  CHECK(refused(with({MemoryPolicyMode::bind, "", {}}), "invalid: linux.memoryPolicy.nodes"));
  CHECK(refused(with({MemoryPolicyMode::local, "0", {}}), "invalid: linux.memoryPolicy.nodes"));
  CHECK(refused(with({MemoryPolicyMode::interleave, "x", {}}), "invalid: linux.memoryPolicy.nodes"));
  CHECK(verdict([](Spec& s) { s.linux.personality.emplace(); }) == "valid");
  CHECK(refused(verdict([](Spec& s) {
                  s.linux.personality = {PersonalityDomain::linux32, {"x"}};
                }),
                "unsupported: linux.personality.flags"));
}

TEST_CASE("a new user namespace has mappings, whole ones, and the process's ids in them") {
  auto with = [](std::vector<IdMapping> uids, std::vector<IdMapping> gids) {
    return verdict([&](Spec& s) {
      s.linux.namespaces.push_back({NamespaceType::user, ""});
      s.linux.uid_mappings = uids;
      s.linux.gid_mappings = gids;
      s.process->user.uid = 10;
      s.process->user.additional_gids = {20};
    });
  };
  CHECK(with({{0, 1000, 11}}, {{0, 1000, 1}, {1, 5000, 20}}) == "valid");
  CHECK(refused(with({}, {{0, 1000, 21}}), "invalid: linux.uidMappings"));
  CHECK(refused(with({{0, 1000, 11}}, {}), "invalid: linux.gidMappings"));
  CHECK(refused(with({{0, 1000, 10}}, {{0, 1000, 21}}), "invalid: process.user.uid"));
  CHECK(refused(with({{0, 1000, 11}}, {{0, 1000, 20}}), "invalid: process.user.additionalGids"));
  CHECK(refused(with({{0, 1000, 11}}, {{1, 1000, 20}}), "invalid: process.user.gid"));
  CHECK(refused(with({{0, 1000, 0}}, {{0, 1000, 21}}), "invalid: linux.uidMappings[0].size"));
  CHECK(refused(with({{0, 4294967295, 2}}, {{0, 1000, 21}}), "invalid: linux.uidMappings[0]"));
  CHECK(refused(with({{0, 1000, 11}, {5, 9000, 1}}, {{0, 1000, 21}}), "invalid: linux.uidMappings[1]: overlaps"));
  CHECK(refused(with({{0, 1000, 11}, {50, 1005, 1}}, {{0, 1000, 21}}), "invalid: linux.uidMappings[1]: overlaps"));
  CHECK(refused(with({{0, 1000, 11}}, std::vector<IdMapping>(341, {0, 1, 1})), "invalid: linux.gidMappings"));
  CHECK(refused(verdict([](Spec& s) { s.linux.uid_mappings = {{0, 1, 1}}; }), "invalid: linux.uidMappings"));
}

TEST_CASE("time offsets are for a time namespace that is made") {
  auto with = [](const char* path, uint32_t nanoseconds) {
    return verdict([&](Spec& s) {
      s.linux.namespaces.push_back({NamespaceType::time, path});
      s.linux.time_offsets.emplace().monotonic = {5, nanoseconds};
    });
  };
  CHECK(with("", 999999999) == "valid");
  CHECK(refused(with("", 1000000000), "invalid: linux.timeOffsets.monotonic.nanosecs"));
  CHECK(refused(with("/proc/1/ns/time", 0), "invalid: linux.timeOffsets"));
  CHECK(refused(verdict([](Spec& s) { s.linux.time_offsets.emplace(); }), "invalid: linux.timeOffsets"));
}

TEST_CASE("what is not done yet is refused by its name, never ignored") {}

TEST_CASE("network devices: names that the kernel takes, each once, in a network namespace") {
  auto named = [](std::string host, std::string name) {
    return verdict([&](Spec& s) { s.linux.net_devices = {{host, {name}}}; });
  };
  CHECK(named("eth0", "") == "valid");
  CHECK(named("eth0", "eth%d") == "valid");
  CHECK(named("eth0", "fifteen-letters") == "valid");
  for (const char* name : {"sixteen-letters-", ".", "..", "a/b", "a:b", "a b", "a%", "%s", "a%db", "a%d%d"}) {
    CAPTURE(name);
    CHECK(refused(named("eth0", name), "invalid: linux.netDevices.eth0.name"));
  }
  CHECK(refused(named("a/b", "x"), "invalid: linux.netDevices.a/b"));
  CHECK(refused(verdict([](Spec& s) {
                  s.linux.net_devices = {{"a", {"x"}}, {"b", {"x"}}};
                }),
                "invalid: linux.netDevices.b.name: 'x' is there twice"));
  CHECK(refused(verdict([](Spec& s) {
                  s.linux.net_devices = {{"a", {}}, {"b", {"a"}}};
                }),
                "invalid: linux.netDevices.b.name: 'a' is there twice"));
  CHECK(refused(verdict([](Spec& s) {
                  s.linux.net_devices = {{"a", {}}};
                  s.linux.namespaces = {{NamespaceType::mount, ""}};
                  s.hostname.clear();
                }),
                "invalid: linux.netDevices.a: needs a network namespace"));
}

TEST_CASE("intelRdt: a class that is one folder, one line a schema") {
  auto with = [](IntelRdt rdt) { return verdict([&](Spec& s) { s.linux.intel_rdt = rdt; }); };
  CHECK(with({"", {}, "", "", true}) == "valid");
  CHECK(with({"/", {"L3:0=f", "MB:0=10"}, "L3:0=f", "MB:0=20;1=70", false}) == "valid");
  for (const char* id : {".", "..", "a/b", "/a", "../x"}) {
    CAPTURE(id);
    CHECK(refused(with({id, {}, "", "", false}), "invalid: linux.intelRdt.closID"));
  }
  CHECK(refused(with({"", {}, "", "L3:0=1", false}), "invalid: linux.intelRdt.memBwSchema"));
  CHECK(refused(with({"", {}, "", "MB:0=1\nMB:1=1", false}), "invalid: linux.intelRdt.memBwSchema"));
  CHECK(refused(with({"", {"a", "b\nc"}, "", "", false}), "invalid: linux.intelRdt.schemata[1]"));
}

TEST_CASE("id mappings of a mount: both or none, and never empty") {
  CHECK(refused(verdict([](Spec& s) {
                  s.mounts[0].uid_mappings = {{0, 1, 1}};
                }),
                "invalid: mounts[0]: uidMappings and gidMappings"));
  CHECK(verdict([](Spec& s) { s.mounts[0].uid_mappings = s.mounts[0].gid_mappings = {{0, 1, 1}}; }) == "valid");
  CHECK(refused(verdict([](Spec& s) {
                  s.mounts[0].uid_mappings = s.mounts[0].gid_mappings = {{0, 1, 0}};
                }),
                "invalid: mounts[0]: has an id mapping of size 0"));
}

TEST_CASE("paths to mask are absolute") {
  CHECK(refused(verdict([](Spec& s) { s.linux.masked_paths = {"proc/kcore"}; }), "invalid: linux.maskedPaths[0]"));
  CHECK(refused(verdict([](Spec& s) { s.linux.readonly_paths = {"/a", ""}; }), "invalid: linux.readonlyPaths[1]"));
}

}  // namespace
}  // namespace crun::spec
