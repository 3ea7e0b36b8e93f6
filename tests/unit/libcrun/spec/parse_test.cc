#include "libcrun/spec/parse.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include "crun/error.h"
#include "libcrun/spec/default_spec.h"
#include "libcrun/spec/write.h"

namespace crun::spec {
namespace {

std::string error_of(std::string_view text) {
  try {
    parse(text);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::invalid);
    return error.text();
  }
  return "parsed";
}

// Wraps a process's properties into a whole document.
std::string with_process(const std::string& properties) {
  return R"({"ociVersion": "1.3.0", "process": {"cwd": "/")" + properties + "}}";
}

std::string with_linux(const std::string& properties) {
  return R"({"ociVersion": "1.3.0", "linux": {)" + properties + "}}";
}

// A value in every property of the schema, each different from what an absent one reads as.
constexpr std::string_view kEverything = R"({
  "ociVersion": "1.3.0", "hostname": "h", "domainname": "d", "annotations": {"a.b": "c"},
  "root": {"path": "rootfs", "readonly": true},
  "mounts": [{"destination": "/m", "type": "bind", "source": "/s", "options": ["rbind", "ro"],
              "uidMappings": [{"containerID": 1, "hostID": 2, "size": 3}],
              "gidMappings": [{"containerID": 4, "hostID": 5, "size": 6}]}],
  "process": {
    "terminal": true, "consoleSize": {"height": 24, "width": 80},
    "user": {"uid": 1, "gid": 2, "umask": 18, "additionalGids": [3, 4], "username": "u"},
    "args": ["sh", "-c"], "commandLine": "x", "env": ["A=b"], "cwd": "/w",
    "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_CHOWN"], "inheritable": ["CAP_FOWNER"],
                     "permitted": ["CAP_FSETID"], "ambient": ["CAP_SETUID"]},
    "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 10, "hard": 18446744073709551615}],
    "noNewPrivileges": true, "apparmorProfile": "p", "selinuxLabel": "l", "oomScoreAdj": -5,
    "ioPriority": {"class": "IOPRIO_CLASS_RT", "priority": 3},
    "scheduler": {"policy": "SCHED_DEADLINE", "nice": -1, "priority": 2, "flags": ["SCHED_FLAG_RECLAIM"],
                  "runtime": 1, "deadline": 2, "period": 3},
    "execCPUAffinity": {"initial": "0-1", "final": "2"}
  },
  "hooks": {"prestart": [{"path": "/1", "args": ["1", "x"], "env": ["K=v"], "timeout": 5}],
            "createRuntime": [{"path": "/2"}], "createContainer": [{"path": "/3"}],
            "startContainer": [{"path": "/4"}], "poststart": [{"path": "/5"}], "poststop": [{"path": "/6"}]},
  "linux": {
    "namespaces": [{"type": "pid"}, {"type": "network", "path": "/n"}],
    "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
    "gidMappings": [{"containerID": 0, "hostID": 1001, "size": 1}],
    "devices": [{"type": "b", "path": "/dev/d", "major": 8, "minor": 1, "fileMode": 432, "uid": 7, "gid": 8}],
    "netDevices": {"eth0": {"name": "e"}},
    "cgroupsPath": "/c", "rootfsPropagation": "slave",
    "resources": {
      "devices": [{"allow": true, "type": "c", "major": 1, "minor": -1, "access": "rw"}],
      "memory": {"limit": 1, "reservation": 2, "swap": 3, "kernel": 4, "kernelTCP": 5, "swappiness": 6,
                 "disableOOMKiller": true, "useHierarchy": true, "checkBeforeUpdate": true},
      "cpu": {"shares": 1, "quota": -1, "burst": 2, "period": 3, "realtimeRuntime": 4, "realtimePeriod": 5,
              "cpus": "0", "mems": "1", "idle": 1},
      "pids": {"limit": 9},
      "blockIO": {"weight": 10, "leafWeight": 11, "weightDevice": [{"major": 8, "minor": 0, "weight": 12,
                  "leafWeight": 13}], "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 14}],
                  "throttleWriteBpsDevice": [{"major": 8, "minor": 0, "rate": 15}],
                  "throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 16}],
                  "throttleWriteIOPSDevice": [{"major": 8, "minor": 0, "rate": 17}]},
      "hugepageLimits": [{"pageSize": "2MB", "limit": 18}],
      "network": {"classID": 19, "priorities": [{"name": "eth0", "priority": 20}]},
      "rdma": {"mlx": {"hcaHandles": 21, "hcaObjects": 22}},
      "unified": {"memory.high": "23"}
    },
    "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "flags": [], "listenerPath": "/l",
                "listenerMetadata": "m", "architectures": ["SCMP_ARCH_X86_64"],
                "syscalls": [{"names": ["read"], "action": "SCMP_ACT_TRACE", "errnoRet": 1,
                              "args": [{"index": 1, "value": 2, "valueTwo": 3, "op": "SCMP_CMP_MASKED_EQ"}]}]},
    "sysctl": {"net.core.somaxconn": "256"}, "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"],
    "mountLabel": "ml",
    "intelRdt": {"closID": "c", "schemata": ["s"], "l3CacheSchema": "L3", "memBwSchema": "MB:0=1",
                 "enableMonitoring": true},
    "memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]},
    "personality": {"domain": "LINUX32", "flags": ["f"]},
    "timeOffsets": {"boottime": {"secs": -1, "nanosecs": 2}, "monotonic": {"secs": 3}}
  },
  "windows": {"layerFolders": ["x"]}
})";

TEST_CASE("every property of the schema survives a round trip") {
  Spec spec = parse(kEverything);
  CHECK(spec.process->user.umask == 18);
  CHECK(spec.process->rlimits[0].resource == RLIMIT_NOFILE);
  CHECK(spec.process->rlimits[0].hard == RLIM_INFINITY);
  CHECK(spec.linux.resources.pids_limit == 9);
  CHECK(spec.linux.resources.devices[0].minor == -1);
  CHECK(spec.linux.time_offsets->boottime->seconds == -1);
  CHECK(spec.foreign_platforms == std::vector<std::string>{"windows"});
  CHECK(spec.linux.seccomp->flags.has_value());
  CHECK(parse(write(spec)) == spec);
  CHECK(write(parse(write(spec))) == write(spec));
}

TEST_CASE("what is absent is not written, and stays absent") {
  Spec spec = parse(R"({"ociVersion": "1.0.2"})");
  CHECK(write(spec) == R"({"ociVersion":"1.0.2"})");
  CHECK_FALSE(spec.process.has_value());
  CHECK_FALSE(parse(with_linux(R"("seccomp": {"defaultAction": "SCMP_ACT_LOG"})")).linux.seccomp->flags.has_value());
}

TEST_CASE("the default spec reads back as it was written") {
  CHECK(parse(write_indented(default_spec())) == default_spec());
}

TEST_CASE("null is absent, as Go's encoder writes it") {
  Spec spec = parse(with_process(R"(, "capabilities": null, "env": null)"));
  CHECK_FALSE(spec.process->capabilities.has_value());
}

TEST_CASE("unknown properties are ignored, as config.md Extensibility demands") {
  CHECK(parse(R"({"ociVersion": "1.3.0", "x": [1]})") == parse(R"({"ociVersion": "1.3.0"})"));
}

TEST_CASE("errors name their place") {
  CHECK(error_of("{}") == "config.json: 'ociVersion' is missing");
  CHECK(error_of("[]") == "config.json: must be an object");
  CHECK(error_of(with_process(R"(, "rlimits": [{"type": "RLIMIT_CPU", "soft": 1, "hard": 1},
                                              {"type": "RLIMIT_X", "soft": 1, "hard": 1}])")) ==
        "config.json: process.rlimits[1].type: unknown limit 'RLIMIT_X'");
  CHECK(error_of(with_process(R"(, "rlimits": [{"type": "RLIMIT_CPU", "soft": 1}])")) ==
        "config.json: process.rlimits[0]: 'hard' is missing");
  CHECK(error_of(with_process(R"(, "args": ["a", 1])")) == "config.json: process.args[1]: must be a string");
  CHECK(error_of(with_process(R"(, "args": "a")")) == "config.json: process.args: must be a list");
  CHECK(error_of(with_process(R"(, "terminal": 1)")) == "config.json: process.terminal: must be true or false");
  CHECK(error_of(with_process(R"(, "env": ["A=b\u0000c"])")) == "config.json: process.env[0]: holds a NUL byte");
  CHECK(error_of(with_linux(R"("namespaces": [{"type": "net"}])")) ==
        "config.json: linux.namespaces[0].type: unknown namespace type 'net'");
  CHECK(error_of(with_linux(R"("sysctl": {"a": 1})")) == "config.json: linux.sysctl.a: must be a string");
  CHECK(error_of(with_linux(R"("resources": {"pids": {}})")) ==
        "config.json: linux.resources.pids: 'limit' is missing");
  CHECK(error_of(with_linux(R"("devices": [{"type": "x", "path": "/d"}])")) ==
        "config.json: linux.devices[0].type: unknown device type 'x'");
}

TEST_CASE("ids outside of 32 bits and negative ones are refused, not wrapped") {
  CHECK(error_of(with_process(R"(, "user": {"uid": 4294967296})")) ==
        "config.json: process.user.uid: must be from 0 to 4294967295, not 4294967296");
  CHECK(error_of(with_process(R"(, "user": {"gid": -1})")) ==
        "config.json: process.user.gid: must be from 0 to 4294967295, not -1");
  CHECK(error_of(with_process(R"(, "user": {"uid": 1.5})")) == "config.json: process.user.uid: must be a whole number");
  CHECK(error_of(with_process(R"(, "user": {"uid": 18446744073709551616})")) ==
        "config.json: process.user.uid: must be a whole number");
}

TEST_CASE("what is not JSON is refused with its line") {
  CHECK(error_of("{\n  \"ociVersion\": }") == "config.json: not JSON at line 2, column 17");
}

TEST_CASE("a process, resources and a profile on their own") {
  CHECK(parse_process(R"({"cwd": "/x"})", "process.json").cwd == "/x");
  CHECK_THROWS_WITH_AS(parse_process("{}", "process.json"), "process.json: 'cwd' is missing", Error);
  CHECK(parse_resources(R"({"memory": {"limit": 5}})", "r.json").memory->limit == 5);
  CHECK(parse_seccomp(R"({"defaultAction": "SCMP_ACT_KILL"})", "s.json").default_action == SeccompAction::kill);
}

TEST_CASE("a state document") {
  State state;
  state.id = "c1";
  state.status = Status::created;
  state.pid = 12;
  state.bundle = "/b";
  CHECK(write(state) == R"({"bundle":"/b","id":"c1","ociVersion":"1.3.0","pid":12,"status":"created"})");
  CHECK(parse_state(write(state), "state") == state);
}

}  // namespace
}  // namespace crun::spec
