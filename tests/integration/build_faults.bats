# A build that is killed or stopped, wherever it is: the next build finds a whole store, takes from the cache what was
# finished, and
# nothing of the killed one is left.
# shellcheck disable=SC2016  # what stands in single quotes is for the container or a Dockerfile
load "$CTR_TEST_LIB"

setup_file() {
  load_busybox
  mkdir "$T/context"
  echo content >"$T/context/f"
  printf '%s\n' 'FROM busybox AS one' 'RUN echo made > /made' 'COPY f /f' 'FROM busybox' 'COPY --from=one /made /f /' \
    >"$T/context/Dockerfile"
  # A time that no other test's processes sleep.
  export NAP=$((100000 + BASHPID % 900000))
  printf '%s\n' 'FROM busybox' 'RUN echo first > /first' "RUN echo before; sleep $NAP & sleep $NAP" \
    >"$T/context/sleeping"
  chmod 0755 "$T/context"
}

nothing_left() {
  [ -z "$(find "$T/root/drafts" "$T/root/intents" -mindepth 1)" ] || { find "$T/root/drafts" "$T/root/intents"; return 1; }
  [ -z "$(find /sys/fs/cgroup/ctr -mindepth 1 -type d 2>/dev/null)" ] || { find /sys/fs/cgroup/ctr -type d; return 1; }
  local places=("$T/run/containers" "$T/root/transient"/.[0-9a-f] "$T/root/containers" "$T/run/runtime")
  [ -z "$(find "${places[@]}" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null)" ] || { ls -A "${places[@]}"; return 1; }
  [ -z "$(pgrep -f "sleep $NAP" || true)" ] || { echo "its processes live on"; return 1; }
  ! grep -q "$T" /proc/self/mountinfo || { grep "$T" /proc/self/mountinfo; return 1; }
  # Every layer's folder has its row, and every row its folder.
  [ "$(find "$T/root/layers" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort)" = \
    "$(sqlite3 "$T/root/state.db" 'SELECT id FROM layers ORDER BY id')" ]
}

# The store after a kill: the next build does its work, and nothing is left.
whole_after() {
  local made
  ctr build -q -t after "$T/context" || return 1
  eventually 5 nothing_left || return 1
  made=$(ctr run --rm after cat /made /f | tr '\n' ' ')
  [ "$made" = "made content " ]
}

# Starts a build that hangs in its second RUN, and waits until it does; its pid is in $builder.
start_sleeping() {
  "$CTR" --root "$T/root" --run-root "$T/run" build --no-cache -f "$T/context/sleeping" "$T/context" \
    2>"$BATS_TEST_TMPDIR/log" &
  builder=$!
  eventually 20 grep -q before "$BATS_TEST_TMPDIR/log"
}
# This file's own ctr-build, by its environment: others may build on this machine.
helper() {
  local pid
  for pid in $(pgrep -x ctr-build); do
    ! grep -qzxF "CTR_TEST_WORK=$CTR_TEST_WORK" "/proc/$pid/environ" 2>/dev/null || echo "$pid"
  done
}
no_helper() { [ -z "$(helper)" ]; }

@test "SIGINT and SIGTERM stop the step at once, and undo all" {
  for signal in INT:130 TERM:143; do
    start_sleeping
    kill -"${signal%:*}" "$(helper)"
    status=0
    wait "$builder" || status=$?
    [ "$status" = "${signal#*:}" ] || { echo "exit $status for $signal"; cat "$BATS_TEST_TMPDIR/log"; return 1; }
    nothing_left
  done
}

@test "kill -9 of ctr-build within a RUN: its command is dead, the next build cleans up" {
  start_sleeping
  kill -9 "$(helper)"
  wait "$builder" || true
  eventually 5 eval '! pgrep -f "sleep $NAP"'
  ctr build -q "$T/context"
  nothing_left
  # What was finished before serves the next one.
  run timeout 3 "$CTR" --root "$T/root" --run-root "$T/run" build -f "$T/context/sleeping" "$T/context"
  [[ $output == *CACHED* ]]
  eventually 5 nothing_left
}

is_dead() { ! grep -q '^State:[[:space:]]*[RSDTtI]' "/proc/$1/status" 2>/dev/null; }

@test "kill -9 of ctr: the build goes on or ends, and nothing is left" {
  start_sleeping
  kill -9 "$builder"
  wait "$builder" || true
  # Nobody's child any more: the next build takes over what it held only once it is gone.
  left=$(helper)
  kill -9 "$left" || true
  eventually 20 is_dead "$left"
  ctr build -q "$T/context"
  eventually 5 nothing_left
}

@test "kill -9 of ctr-build at its system calls: the same build gives the same image then" {
  kill_at=$CTR_TESTS/faults/kill_at_syscall
  build=("$CTR" --root "$T/root" --run-root "$T/run" build -q --no-cache -t victim "$T/context")
  "$kill_at" -p ctr-build -o "$BATS_TEST_TMPDIR/count" -- "${build[@]}" >/dev/null
  total=$(grep -o '[0-9]*$' "$BATS_TEST_TMPDIR/count")
  [ "$total" -gt 50 ]
  # Every call would take an hour in the test kernel; these are spread over all of them, and others each day.
  step=$((total / ${CTR_KILLS:-20}))
  for ((n = 1 + RANDOM % step; n <= total; n += step)); do
    "$kill_at" -p ctr-build -n "$n" -o "$BATS_TEST_TMPDIR/line" -- "${build[@]}" >/dev/null 2>&1 || true
    # Where it was a child of it that was killed, the build itself goes on to its end.
    eventually 30 no_helper
    whole_after || { cat "$BATS_TEST_TMPDIR/line"; return 1; }
  done
}

@test "a full disk: the build fails by that name, and nothing is left" {
  mkdir "$BATS_TEST_TMPDIR/small"
  mount -t tmpfs -o size=12m tmpfs "$BATS_TEST_TMPDIR/small"
  small() { "$CTR" --root "$BATS_TEST_TMPDIR/small/root" --run-root "$T/run" "$@"; }
  small load -q -i "$T/busybox.tar"
  printf '%s\n' 'FROM busybox' 'RUN echo kept > /kept' \
    'RUN dd if=/dev/zero of=/big bs=1M count=64' >"$BATS_TEST_TMPDIR/Dockerfile"
  run small build -f "$BATS_TEST_TMPDIR/Dockerfile" "$T/context"
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == *"No space left"* ]]
  [ -z "$(find "$BATS_TEST_TMPDIR"/small/root/{drafts,intents} -mindepth 1)" ]
  dd if=/dev/zero of="$T/context/big" bs=1M count=64 2>/dev/null
  printf '%s\n' 'FROM busybox' 'COPY big /' >"$BATS_TEST_TMPDIR/Dockerfile"
  run small build -f "$BATS_TEST_TMPDIR/Dockerfile" "$T/context"
  rm "$T/context/big"
  [ "$status" != 0 ]
  [[ $output == *"no space left"* ]]
  [ -z "$(find "$BATS_TEST_TMPDIR"/small/root/{drafts,intents} -mindepth 1)" ]
  small images
  umount "$BATS_TEST_TMPDIR/small"
}
