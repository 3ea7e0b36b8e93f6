# kill -9 of ctr, of the process that sets a container up and of its monitor, at each of their system calls that change
# something: the next command finds all in order, and nothing of the killed one is left.
# shellcheck disable=SC2016  # what stands in single quotes is for eval
load "$CTR_TEST_LIB"

# After these another process can see a difference; a kill at any other call is as one at the next of these.
CALLS=mkdir,mkdirat,openat,rename,renameat,renameat2,unlink,unlinkat,rmdir,write,pwrite64,ftruncate,fsconfig,fsmount
CALLS+=,clone,clone3,fork,vfork,execve,execveat,sendmsg,sendto,move_mount,pivot_root,wait4,waitid,fcntl,exit_group

setup_file() {
  load_busybox
  # The seccomp filter is compiled once, not in each run that is killed.
  ctr run --rm busybox true
}

kill_at() { "$CTR_TESTS/faults/kill_at_syscall" -e "$CALLS" -o "$T/line" -t 20 "$@"; }

# What a container leaves outside the databases, should it leave anything.
left() {
  find "$T/run/containers" "$T/root/transient"/.[0-9a-f] "$T/root/containers" -mindepth 1 -maxdepth 1 ! -name ".*" 2>/dev/null
  find "$T/run/runtime" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null
  find /sys/fs/cgroup/ctr -mindepth 1 -maxdepth 1 -type d 2>/dev/null
  grep -l ctr-monitor /proc/[0-9]*/comm 2>/dev/null | grep -f <(sed 's|.*|/proc/&/comm|' /sys/fs/cgroup/test/cgroup.procs) || true
}
nothing_left() { [ -z "$(left)" ]; }

# settled WHAT: after one more command nothing is left, and the same name can be used.
settled() {
  local what=$1
  ctr ps -a >/dev/null || { echo "$what: ps fails"; return 1; }
  ctr rm -f victim >/dev/null 2>&1 || true
  eventually 5 nothing_left || { ctr ps -a >/dev/null; eventually 5 nothing_left; } || { echo "$what: left: $(left)"; return 1; }
  [ "$(awk '$5 ~ /overlay/ || $9 == "overlay"' /proc/self/mountinfo | grep -c "$T" || true)" = 0 ] || { echo "$what: a mount is left"; return 1; }
}

# kill_each PROGRAM STEP COMMAND...: kills PROGRAM at each STEP-th of its calls.
kill_each() {
  local program=$1 step=$2 n=1
  shift 2
  while kill_at -p "$program" -a -n "$n" -- "$@" >"$T/out" 2>&1; do
    settled "$(cat "$T/line")"
    n=$((n + step))
  done
  settled "not killed"
  [ "$n" -gt "$((5 * step))" ] || { echo "only $n calls were found to kill at: $(cat "$T/line" "$T/out")"; return 1; }
  run timeout 20 "$CTR" --root "$T/root" --run-root "$T/run" run --rm --name victim busybox echo alive
  [ "$output" = alive ]
}

CTR_ARGS() { echo "$CTR" --root "$T/root" --run-root "$T/run"; }

@test "ctr run --rm, and what it forks, killed at each call" {
  # shellcheck disable=SC2046
  kill_each ctr "${CTR_FAULT_STEP:-3}" $(CTR_ARGS) run --rm --name victim busybox true
}

@test "its monitor, killed at each call" {
  # shellcheck disable=SC2046
  kill_each ctr-monitor "${CTR_FAULT_MONITOR_STEP:-1}" $(CTR_ARGS) run --rm --name victim busybox echo some output
}

@test "ctr run of a container that is kept" {
  # shellcheck disable=SC2046
  kill_each ctr "${CTR_FAULT_STEP:-3}" $(CTR_ARGS) run --name victim busybox true
}

@test "a monitor that is killed takes its container along, and its end is written down" {
  ctr run -d --name lost busybox sleep 1000
  pid=$(ctr inspect -f '{{.State.Pid}}' lost)
  monitor=$(awk '{print $4}' "/proc/$pid/stat")
  kill -9 "$monitor"
  eventually 5 eval '[ "$(ctr inspect -f "{{.State.Status}}" lost)" = exited ]'
  [ "$(ctr inspect -f '{{.State.ExitCode}} {{.State.Error}}' lost)" = "137 monitor lost" ]
  [ ! -d "/proc/$pid" ] || [ "$(awk '{print $3}' "/proc/$pid/stat")" = Z ]
  [ "$(ctr wait lost)" = 137 ]
  ctr start lost
  [ "$(ctr inspect -f '{{.State.Status}}' lost)" = running ]
  ctr rm -f lost
}

@test "a client that is killed leaves its container running, and it can be removed" {
  "$CTR" --root "$T/root" --run-root "$T/run" run --rm --name alone busybox sh -c 'while :; do echo x; sleep 0.05; done' >/dev/null &
  client=$!
  eventually 5 eval '[ "$(ctr ps -q -f name=alone | wc -l)" = 1 ]'
  kill -9 "$client"
  sleep 0.3
  [ "$(ctr ps -q -f name=alone | wc -l)" = 1 ]
  ctr stop -t 0 alone
  [ -z "$(ctr ps -aq -f name=alone)" ]
  eventually 5 nothing_left
}

@test "ctr exec killed at each call: nothing of it stays in the container" {
  ctr run -d --name host busybox sleep 1000
  procs=/sys/fs/cgroup/ctr/$(ctr inspect -f '{{.Id}}' host)/cgroup.procs
  alone() { [ "$(wc -l <"$procs")" = 1 ]; }
  n=1
  # shellcheck disable=SC2046
  while kill_at -p ctr -a -n "$n" -- $(CTR_ARGS) exec host true >"$T/out" 2>&1; do
    eventually 5 alone || { echo "$(cat "$T/line"): left: $(cat "$procs")"; return 1; }
    n=$((n + ${CTR_FAULT_STEP:-3}))
  done
  [ "$n" -gt 10 ]
  [ "$(ctr exec host echo alive)" = alive ]
  ctr rm -f host
}

# What a killed ctr has forked goes on, and may win the race for the container; and the client of a set-up process that was
# killed holds the container's lock until it has told so. So it is tried until a command runs in it.
runs_in_the_end() {
  ctr start victim >/dev/null 2>"$T/start" || grep -q "is running already" "$T/start" || return 1
  ctr exec victim true
}

@test "ctr start killed at each call: the container can be started, or it runs" {
  n=1
  while :; do
    ctr create --name victim busybox sleep 1000 >/dev/null
    # shellcheck disable=SC2046
    kill_at -p ctr -a -n "$n" -- $(CTR_ARGS) start victim >"$T/out" 2>&1 || break
    eventually 10 runs_in_the_end ||
      { echo "$(cat "$T/line"): $(cat "$T/start" "$T/out"): $(ctr inspect -f '{{json .State}}' victim)"; return 1; }
    settled "$(cat "$T/line")"
    n=$((n + ${CTR_FAULT_STEP:-3}))
  done
  [ "$n" -gt 10 ]
  settled "not killed"
}
