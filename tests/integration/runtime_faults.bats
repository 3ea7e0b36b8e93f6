# kill -9 of ctr-runtime at each system call that changes something: delete --force finds and removes all that is left.
load "$CTR_TEST_LIB"
load "$BATS_TEST_DIRNAME/../conformance/bundle"

CALLS=mkdir,mkdirat,openat,openat2,rename,renameat,unlinkat,write,fsmount,open_tree,clone3,execveat,sendmsg,sendto,move_mount,fcntl,bpf

setup_file() { make_bundle; }
teardown() { remove_all; }

processes_left() { cat /sys/fs/cgroup/"$1"/cgroup.procs /sys/fs/cgroup/*/"$1"/cgroup.procs 2>/dev/null; }
gone() { [ -z "$(find /sys/fs/cgroup -name "$1")" ] && [ ! -e "$T/runtime/$1" ] && [ -z "$(processes_left "$1")" ]; }

# kill_each STEP NAME COMMAND…: NAME is the container's.
kill_each() {
  local step=$1 name=$2 n=1
  shift 2
  while "$CTR_TESTS/faults/kill_at_syscall" -e "$CALLS" -o "$T/line" -t 20 -n "$n" -- "$@" </dev/null >"$T/out" 2>&1; do
    runtime delete -f "$name" || { echo "delete after $(cat "$T/line")"; return 1; }
    eventually 5 gone "$name" || { echo "left after $(cat "$T/line"): $(find /sys/fs/cgroup "$T/runtime" -name "$name")"; return 1; }
    n=$((n + step))
  done
  runtime delete -f "$name"
  [ "$n" -gt 15 ] || { echo "only $n calls: $(cat "$T/line" "$T/out")"; return 1; }
  [ "$(grep -c "$T/bundle" /proc/self/mountinfo)" = 0 ]
}

@test "create, killed at each call" {
  config '.process.args = ["sleep", "600"]'
  kill_each 1 "$(id)" "$RUNTIME" --root "$T/runtime" create -b "$B" "$(id)"
}

@test "run, killed at each call" {
  config '.process.args = ["sleep", "0.1"]'
  kill_each 2 "$(id)" "$RUNTIME" --root "$T/runtime" run -b "$B" "$(id)"
}

@test "a creator that is killed takes its half-made container with it" {
  config '.process.args = ["sleep", "600"] | .hooks = {"createRuntime": [{"path": "/bin/sleep", "args": ["sleep", "2"]}]}'
  "$RUNTIME" --root "$T/runtime" create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&- &
  local creator=$!
  eventually 5 pgrep -P "$creator" -x ctr-runtime >/dev/null
  kill -9 "$creator"
  eventually 5 not_populated
  runtime delete -f "$(id)"
}
not_populated() { grep -q "populated 0" /sys/fs/cgroup/*/"$(id)"/cgroup.events /sys/fs/cgroup/"$(id)"/cgroup.events 2>/dev/null; }
