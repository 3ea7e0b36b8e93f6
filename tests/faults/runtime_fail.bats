# Each system call of ctr-runtime's own process fails once, one a run, with what a full disk, a lack of memory or of
# descriptors would give: it says what failed, its exit code is that of an error, and nothing is left.
# shellcheck disable=SC2317  # functions called by name
load "$CTR_TEST_LIB"
load "$BATS_TEST_DIRNAME/../conformance/bundle"

setup_file() {
  make_bundle
  config "$WITH_ALL"
  runtime run -b "$B" first </dev/null
}
teardown() { remove_all; }

HOOK='[{"path": "/bin/true"}]'
WITH_ALL='.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["kexec_load"], "action": "SCMP_ACT_ERRNO"}]}'
WITH_HOOKS=".hooks = {\"createRuntime\": $HOOK, \"createContainer\": $HOOK, \"startContainer\": $HOOK, \"poststart\": $HOOK,
  \"poststop\": $HOOK}"

procs() { cat "/sys/fs/cgroup/$1/cgroup.procs" 2>/dev/null; }
gone() { [ ! -e "/sys/fs/cgroup/$1" ] && [ ! -e "$T/runtime/$1" ]; }
left() { find /sys/fs/cgroup "$T/runtime" -name "$1"; procs "$1"; }

# fail_at N COMMAND…: sets code.
fail_at() {
  local n=$1
  shift
  code=0
  timeout 30 "$CTR_TESTS/faults/fail_at_syscall" -n "$n" -o "$T/line" -t 20 -- "$@" </dev/null >"$T/out" 2>&1 3>&- || code=$?
}

# An error of ctr-runtime's own, in words: the operation, and why.
explained() {
  if [ "$code" -lt 125 ] && grep -qE "^ctr-runtime: .*[a-z].*" "$T/out"; then return; fi
  echo "exit code $code after $(cat "$T/line"): $(cat "$T/out")"
  return 1
}

# each STEP LEAST TRY: calls TRY N until no call is left to fail.
each() {
  local step=$1 least=$2 try=$3 n=1
  while :; do
    "$try" "$n" || { echo "after $(cat "$T/line"): $(cat "$T/out")"; return 1; }
    ! grep -q ^ended "$T/line" || break
    n=$((n + step))
  done
  [ "$n" -gt "$least" ] || { echo "only $n calls: $(cat "$T/line" "$T/out")"; return 1; }
  ! grep -q "$T/bundle" /proc/self/mountinfo
}

create_fails() {
  fail_at "$1" "$RUNTIME" --root "$T/runtime" create -b "$B" "$(id)"
  if [ "$code" = 0 ]; then
    # It could do without: then the container is whole.
    [ "$(status_of "$(id)")" = created ] && runtime start "$(id)" && [ "$(status_of "$(id)")" = running ]
    runtime delete -f "$(id)"
  else
    explained
  fi
  gone "$(id)" || { echo "left: $(left "$(id)")"; runtime delete -f "$(id)"; return 1; }
}

@test "create: each call fails once" {
  config ".process.args = [\"sleep\", \"600\"] | $WITH_ALL"
  each 1 60 create_fails
}

@test "create with hooks: each second call fails once" {
  config ".process.args = [\"sleep\", \"600\"] | $WITH_HOOKS"
  each 2 60 create_fails
}

@test "start: each call fails once" {
  config ".process.args = [\"sleep\", \"600\"] | $WITH_HOOKS"
  try() {
    runtime create -b "$B" "$(id)" </dev/null >"$T/out" 2>&1 3>&-
    fail_at "$1" "$RUNTIME" --root "$T/runtime" start "$(id)"
    if [ "$code" = 0 ]; then [ "$(status_of "$(id)")" = running ]; else explained; fi
    runtime delete -f "$(id)"
    gone "$(id)" || { left "$(id)"; return 1; }
  }
  each 1 30 try
}

@test "exec: each call fails once, and the container runs on" {
  sleeping "$(id)" "$WITH_ALL"
  alone() { [ "$(procs "$(id)" | wc -l)" = 1 ]; }
  try() {
    fail_at "$1" "$RUNTIME" --root "$T/runtime" exec "$(id)" /bin/true
    [ "$code" = 0 ] || explained
    alone || { echo "left: $(procs "$(id)")"; return 1; }
  }
  each 1 40 try
  [ "$(status_of "$(id)")" = running ]
}

@test "delete: each call fails once, and the next one clears all" {
  config ".process.args = [\"sleep\", \"600\"] | $WITH_HOOKS"
  try() {
    runtime run -d -b "$B" "$(id)" </dev/null >"$T/out" 2>&1 3>&- || return 1
    fail_at "$1" "$RUNTIME" --root "$T/runtime" delete --force "$(id)"
    [ "$code" = 0 ] || explained
    [ "$code" != 0 ] || gone "$(id)" || { echo "left, without a word: $(left "$(id)")"; return 1; }
    runtime delete --force "$(id)"
    gone "$(id)" || { left "$(id)"; return 1; }
  }
  each 1 30 try
}

@test "run: each call fails once" {
  script 'touch /tmp/ran'
  try() {
    rm -f "$B/rootfs/tmp/ran"
    fail_at "$1" "$RUNTIME" --root "$T/runtime" run -b "$B" "$(id)"
    [ "$code" = 0 ] || explained
    gone "$(id)" && return
    # Its program has ended, and what failed is the removal: as with delete, the next one clears all.
    if [ "$code" != 0 ] && [ -e "$B/rootfs/tmp/ran" ] && runtime delete -f "$(id)" && gone "$(id)"; then return; fi
    echo "left: $(left "$(id)")"
    return 1
  }
  each 1 60 try
}
