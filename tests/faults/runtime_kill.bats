# kill -9 of ctr-runtime between any two system calls of create, start, exec, delete and run, and likewise of the
# container's process before its program runs: delete --force clears all that is left.
# shellcheck disable=SC2317  # functions called by name
load "$CTR_TEST_LIB"
load "$BATS_TEST_DIRNAME/../conformance/bundle"

setup_file() {
  make_bundle
  # The seccomp filter is compiled once, not in each run that is killed.
  config "$WITH_ALL"
  runtime run -b "$B" first </dev/null
}
teardown() { remove_all; }

# What a creation can meet: hooks on both sides, a filter, a limit, a preserved descriptor's neighbours.
HOOK='[{"path": "/bin/true"}]'
WITH_ALL='.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}] |
  .linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "80"} |
  .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["kexec_load"], "action": "SCMP_ACT_ERRNO"}]}'
WITH_HOOKS=".hooks = {\"createRuntime\": $HOOK, \"createContainer\": $HOOK, \"startContainer\": $HOOK, \"poststart\": $HOOK,
  \"poststop\": $HOOK}"

processes_of() { cat /sys/fs/cgroup/"$1"/cgroup.procs 2>/dev/null; }
gone() { [ ! -e "/sys/fs/cgroup/$1" ] && [ ! -e "$T/runtime/$1" ]; }
left() { find /sys/fs/cgroup "$T/runtime" -name "$1"; processes_of "$1"; }
no_mount() { ! grep -q "$T/bundle" /proc/self/mountinfo; }

# kill_at N OPTION… -- COMMAND…; false when the command made fewer calls.
kill_at() {
  local n=$1
  shift
  "$CTR_TESTS/faults/kill_at_syscall" -e all -o "$T/line" -t 20 -n "$n" "$@" </dev/null >"$T/out" 2>&1 3>&-
}

# clear NAME: one delete --force, and nothing of it is left.
clear() {
  runtime delete -f "$1" || { echo "delete after $(cat "$T/line")"; return 1; }
  gone "$1" || { echo "left after $(cat "$T/line"): $(left "$1")"; return 1; }
}

# each STEP LEAST TRY: calls TRY N for N from 1 in steps, to its first failure with "ended" in the report.
each() {
  local step=$1 least=$2 try=$3 n=1
  while :; do
    "$try" "$n" || return 1
    ! grep -q "^ended" "$T/line" || break
    n=$((n + step))
  done
  [ "$n" -gt "$least" ] || { echo "only $n calls: $(cat "$T/line" "$T/out")"; return 1; }
  no_mount
}

created() { runtime create -b "$B" "$(id)" </dev/null >"$T/out" 2>&1 3>&-; }

@test "create, killed between any two calls" {
  config ".process.args = [\"sleep\", \"600\"] | $WITH_ALL"
  try() { kill_at "$1" -- "$RUNTIME" --root "$T/runtime" create -b "$B" "$(id)" || true; clear "$(id)"; }
  each 1 100 try
}

@test "create with hooks, killed at each third call" {
  config ".process.args = [\"sleep\", \"600\"] | $WITH_ALL | $WITH_HOOKS"
  try() { kill_at "$1" -- "$RUNTIME" --root "$T/runtime" create -b "$B" "$(id)" || true; clear "$(id)"; }
  each 3 100 try
}

@test "the process that create makes, killed between any two calls: create fails, and nothing is left" {
  config ".process.args = [\"sleep\", \"600\"] | $WITH_ALL"
  try() {
    if kill_at "$1" -d -- "$RUNTIME" --root "$T/runtime" create -b "$B" "$(id)"; then
      # An error until it waits for start; before it said a word it is tried again, after that it is one that has ended.
      if grep -q "exit code 1$" "$T/line"; then
        grep -q "^ctr-runtime: " "$T/out" || { echo "no message after $(cat "$T/line")"; return 1; }
        gone "$(id)" || { echo "left after $(cat "$T/line"): $(left "$(id)")"; return 1; }
        return
      fi
      grep -q "exit code 0$" "$T/line" || { cat "$T/line" "$T/out"; return 1; }
    fi
    clear "$(id)"
  }
  each 1 60 try
}

@test "start, killed between any two calls" {
  config ".process.args = [\"sleep\", \"600\"] | $WITH_ALL"
  try() {
    created
    kill_at "$1" -- "$RUNTIME" --root "$T/runtime" start "$(id)" || true
    # Whatever is told of it is so: one that is created can be started, or is on its way by the killed one's word; one
    # that runs cannot.
    case $(status_of "$(id)") in
      created)
        runtime start "$(id)" || [ "$(status_of "$(id)")" = running ] ||
          { echo "cannot be started after $(cat "$T/line")"; return 1; }
        ;;
      running) ! runtime start "$(id)" 2>/dev/null || { echo "started twice after $(cat "$T/line")"; return 1; } ;;
      *) echo "$(status_of "$(id)") after $(cat "$T/line")"; return 1 ;;
    esac
    clear "$(id)"
  }
  each 1 15 try
}

@test "start with hooks, killed between any two calls" {
  config ".process.args = [\"sleep\", \"600\"] | $WITH_HOOKS"
  try() {
    created
    kill_at "$1" -- "$RUNTIME" --root "$T/runtime" start "$(id)" || true
    clear "$(id)"
  }
  each 2 50 try
}

@test "exec, killed between any two calls: its process goes with it, and the container runs on" {
  sleeping "$(id)" "$WITH_ALL"
  alone() { [ "$(processes_of "$(id)" | wc -l)" = 1 ]; }
  try() {
    kill_at "$1" -- "$RUNTIME" --root "$T/runtime" exec "$(id)" sleep 0.05 || true
    eventually 5 alone || { echo "left after $(cat "$T/line"): $(processes_of "$(id)")"; return 1; }
  }
  each 1 80 try
  [ "$(status_of "$(id)")" = running ]
  clear "$(id)"
}

@test "the process that exec makes, killed between any two calls: exec says so, and the container runs on" {
  sleeping "$(id)" "$WITH_ALL"
  alone() { [ "$(processes_of "$(id)" | wc -l)" = 1 ]; }
  try() {
    if kill_at "$1" -d -- "$RUNTIME" --root "$T/runtime" exec "$(id)" /bin/true; then
      # Killed before it said a word, it is tried again; then by an error; once its program runs, as that one's end.
      grep -qE "exit code (0|137)$" "$T/line" || { grep -q "exit code 1$" "$T/line" && grep -q "^ctr-runtime: " "$T/out"; } ||
        { cat "$T/line" "$T/out"; return 1; }
    fi
    alone || { echo "left after $(cat "$T/line"): $(processes_of "$(id)")"; return 1; }
  }
  each 1 40 try
  [ "$(status_of "$(id)")" = running ]
  clear "$(id)"
}

@test "exec -d, killed between any two calls: delete --force takes what it started along" {
  try() {
    sleeping "$(id)"
    kill_at "$1" -- "$RUNTIME" --root "$T/runtime" exec -d "$(id)" sleep 600 || true
    clear "$(id)"
  }
  each 3 80 try
}

@test "delete --force of a running container, killed between any two calls" {
  config ".process.args = [\"sleep\", \"600\"] | $WITH_HOOKS"
  try() {
    runtime run -d -b "$B" "$(id)" </dev/null >"$T/out" 2>&1 3>&- || { cat "$T/out"; return 1; }
    kill_at "$1" -- "$RUNTIME" --root "$T/runtime" delete --force "$(id)" || true
    clear "$(id)"
  }
  each 2 50 try
}

@test "delete of a stopped container, killed between any two calls" {
  config '.process.args = ["true"]'
  stopped() { [ "$(status_of "$(id)")" = stopped ]; }
  try() {
    runtime run -d -b "$B" "$(id)" </dev/null >"$T/out" 2>&1 3>&- || { cat "$T/out"; return 1; }
    eventually 5 stopped
    kill_at "$1" -- "$RUNTIME" --root "$T/runtime" delete "$(id)" || true
    clear "$(id)"
  }
  each 1 20 try
}

@test "run, killed between any two calls" {
  config ".process.args = [\"sleep\", \"0.02\"]"
  try() { kill_at "$1" -- "$RUNTIME" --root "$T/runtime" run -b "$B" "$(id)" || true; clear "$(id)"; }
  each 1 100 try
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
