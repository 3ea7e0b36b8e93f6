# Debian's containerd: its shim for runc, with ctr-runtime as the binary, driven by containerd's own client.
# shellcheck disable=SC2016,SC2154  # scripts for the container; the library's variables
load "$CTR_TEST_LIB"

CLIENT=/usr/bin/ctr  # containerd's; ours stands in the stage
IMAGE=docker.io/library/busybox:latest

setup_file() {
  [ "${CTR_IN_VM-}" = 1 ] && [ -x /usr/bin/containerd ] || return 0
  mkdir -p "$T/c"
  cat >"$T/c/config.toml" <<END
version = 2
root = "$T/c/root"
state = "$T/c/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
address = "$T/c/sock"
[ttrpc]
address = "$T/c/ttrpc"
END
  containerd --config "$T/c/config.toml" >"$T/c/log" 2>&1 3>&- </dev/null &
  echo $! >"$T/c/pid"
  eventually 30 client version
  busybox_archive "$T/busybox.tar" "$IMAGE"
  client image import "$T/busybox.tar" >/dev/null
}
setup() {
  [ "${CTR_IN_VM-}" = 1 ] || skip "only in the test kernel"
  [ -x /usr/bin/containerd ] || skip "no containerd"
}
teardown() {
  local name
  [ -e "$T/c/pid" ] || return 0
  for name in $(client container ls -q); do
    client task rm -f "$name" >/dev/null 2>&1 || true
    client container rm "$name" >/dev/null 2>&1 || true
  done
}
teardown_file() {
  [ -e "$T/c/pid" ] || return 0
  kill "$(cat "$T/c/pid")"
  eventually 20 bash -c "! kill -0 $(cat "$T/c/pid")" 2>/dev/null
  # Its shim leaves the namespace's cgroup.
  rmdir /sys/fs/cgroup/default 2>/dev/null || true
}

client() { "$CLIENT" -a "$T/c/sock" "$@" 3>&-; }
crun_on() { client run --runtime io.containerd.runc.v2 --runc-binary "$RUNTIME" "$@"; }
task_is() { [ "$(client task ls | awk -v name="$1" '$1 == name {print $3}')" = "$2" ]; }

@test "run: output and exit code" {
  run crun_on --rm "$IMAGE" one sh -c 'echo hello; exit 3'
  [ "$status" = 3 ]
  [ "$output" = hello ]
  run client container ls -q
  [ -z "$output" ]
}

@test "run: a missing command is named" {
  fails_with 1 'exec: "nosuch": executable file not found in $PATH' crun_on --rm "$IMAGE" one nosuch
}

@test "exec with its exit code; task ls, ps and metrics" {
  crun_on -d --memory-limit 67108864 "$IMAGE" two sleep 600
  run client task exec --exec-id e1 --user 1000 --cwd /tmp two sh -c 'id -u; pwd; exit 4'
  [ "$status" = 4 ]
  [ "$(xargs <<<"$output")" = "1000 /tmp" ]
  task_is two RUNNING
  [ "$(client task ps two | awk 'NR == 2 {print $1}')" = "$(client task ls | awk '$1 == "two" {print $2}')" ]
  [[ $(client task metrics two) == *"memory.usage_limit"*67108864* ]]
}

@test "pause, resume, kill, delete" {
  crun_on -d "$IMAGE" three sh -c 'trap "exit 9" TERM; touch /ready; while :; do sleep 0.1; done'
  eventually 10 client task exec --exec-id ready three test -e /ready
  client task pause three
  task_is three PAUSED
  client task resume three
  task_is three RUNNING
  client task kill -s TERM three
  eventually 10 task_is three STOPPED
  run client task rm three
  [[ $output == *"exit code 9"* ]]
  client container rm three
}

@test "a terminal" {
  # containerd's client wants one itself: script(1) makes it.
  run script -qec "$CLIENT -a $T/c/sock run --rm -t --runtime io.containerd.runc.v2 --runc-binary $RUNTIME $IMAGE four tty" /dev/null </dev/null 3>&-
  [ "$status" = 0 ]
  [[ $output == *"/dev/pts/0"* ]]
}

@test "events of a container that runs out of memory" {
  client events >"$T/events" 3>&- &
  local listener=$!
  run crun_on --rm --memory-limit 33554432 "$IMAGE" five sh -c 'tail /dev/zero'
  [ "$status" = 137 ]
  eventually 10 grep -q /tasks/oom "$T/events"
  kill "$listener"
}
