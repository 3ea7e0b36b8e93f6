# Bundles for the conformance tests; loaded after "$CTR_TEST_LIB". RUNTIME=runc or crun runs them against another runtime.
# shellcheck shell=bash
# shellcheck disable=SC2154  # T, status and output are the library's and bats'

B=$T/bundle
export B

# For setup_file: a bundle whose rootfs the file's tests share, and a config to start each from.
make_bundle() {
  busybox_rootfs "$B/rootfs"
  cat >"$B/base.json" <<'END'
{"ociVersion": "1.0.2", "hostname": "box", "root": {"path": "rootfs"},
 "process": {"terminal": false, "user": {"uid": 0, "gid": 0}, "args": ["true"], "cwd": "/",
  "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], "noNewPrivileges": true,
  "capabilities": {"bounding": ["CAP_KILL", "CAP_CHOWN"], "effective": ["CAP_KILL", "CAP_CHOWN"],
   "permitted": ["CAP_KILL", "CAP_CHOWN"]}},
 "mounts": [
  {"destination": "/proc", "type": "proc", "source": "proc"},
  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
  {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
   "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
  {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=64k"]},
  {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
  {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]}],
 "linux": {"namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"},
   {"type": "cgroup"}],
  "maskedPaths": ["/proc/kcore", "/proc/keys", "/sys/firmware"],
  "readonlyPaths": ["/proc/sys", "/proc/sysrq-trigger"]}}
END
}

# config FILTER [JQ-ARGUMENT…]: the base, changed.
config() {
  local filter=$1
  shift
  jq "$@" "$filter" "$B/base.json" >"$B/config.json"
}

# script TEXT [FILTER [JQ-ARGUMENT…]]: the container's program is sh -c TEXT.
script() {
  local text=$1 filter=${2:-.}
  shift
  [ $# = 0 ] || shift
  config ".process.args = [\"sh\", \"-c\", \$script] | $filter" --arg script "$text" "$@"
}

# An id of this test alone.
id() { echo "t$BATS_TEST_NUMBER${1-}"; }

# Runs the bundle in the foreground; for bats' `run`.
run_bundle() { runtime run -b "$B" "$(id)" </dev/null; }

# A detached container that sleeps.
sleeping() {
  config '.process.args = ["sleep", "600"]'"${2:+ | $2}"
  runtime run -d -b "$B" "${1:-$(id)}" </dev/null >/dev/null 2>&1 3>&-
}

status_of() { runtime state "$1" | jq -r .status; }
pid_of() { runtime state "$1" | jq -r .pid; }

# For teardown: whatever a failed test left.
remove_all() {
  local name
  for name in $(runtime list -q 2>/dev/null); do runtime delete -f "$name" >/dev/null 2>&1 || true; done
}

# deviates RUNTIME WHAT: skips the test for a peer that is known not to keep this rule.
deviates() {
  [ "$(runtime_name)" != "$1" ] || skip "$1 $2"
}
