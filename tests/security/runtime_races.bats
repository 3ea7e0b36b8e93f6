# A payload that fights: it stops, kills and pries into what enters its container, moves what is mounted under it, and
# forks while it is deleted. For a bounded time each; delete --force always wins and leaves nothing.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

setup() {
  [ -x "$CTR_TESTS/security/hostile_payload" ] || skip "hostile_payload is not built"
  new_bundle
  cp "$CTR_TESTS/security/hostile_payload" "$R/bin/hostile_payload"
  mkdir -p "$R/work"
}
teardown() { end_containers; }

hostile() { configure '.process.args = ["hostile_payload", $mode, "12"]' --arg mode "$1"; }

# delete_wins ID: in bounded time, and no process, cgroup or state of it is left.
delete_wins() {
  timeout 60 "$RUNTIME" --root "$T/runtime" delete --force "$1"
  [ ! -e "$T/runtime/$1" ]
  [ -z "$(find /sys/fs/cgroup -name "$1")" ] || { find /sys/fs/cgroup -name "$1" -exec cat {}/cgroup.procs \;; return 1; }
}

# enter SECONDS [OPTION…]: execs into the box for so long, four at a time; none is waited for longer than it may take.
enter() {
  local end=$((SECONDS + $1)) n entering
  shift
  while [ $SECONDS -lt "$end" ]; do
    entering=()
    for n in 1 2 3 4; do
      timeout -k 1 2 "$RUNTIME" --root "$T/runtime" exec "$@" box true </dev/null >/dev/null 2>&1 3>&- &
      entering+=($!)
    done
    # By name: bats' own clock is a child of this shell, too.
    for n in "${entering[@]}"; do wait "$n" || true; done
  done
}

@test "a payload that stops what enters: each exec can be ended, and delete --force wins" {
  hostile stop
  start_bundle box
  enter 4
  delete_wins box
}

@test "a payload that kills what enters: exec ends, and delete --force wins" {
  hostile kill
  start_bundle box
  enter 3
  delete_wins box
}

@test "a payload finds no program, memory, folder or descriptor of ours in what enters" {
  # What only the machine's root has. The file is in this test's own mount namespace.
  mount -t tmpfs secret /mnt
  touch /mnt/secret-of-the-machine
  cd /mnt
  hostile pry
  start_bundle box
  enter 6
  enter 2 --cwd /work
  cd /
  umount /mnt
  delete_wins box
  [ ! -e "$R/pried" ] || { sort "$R/pried" | uniq -c | sort -rn | head; return 1; }
}

@test "a payload that moves /proc, /dev and its folders under what enters: nothing outside changes" {
  mkdir -p "$T/outside"
  configure '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
  find "$T/outside" /dev/ptmx /dev/null -printf '%p %m %U %l\n' >"$T/before"
  hostile shuffle
  start_bundle box
  enter 3 --cwd /work
  local end=$((SECONDS + 4))
  while [ $SECONDS -lt $end ]; do
    timeout -k 1 5 script -qec "$RUNTIME --root $T/runtime exec -t box true" /dev/null </dev/null >/dev/null 2>&1 3>&- || true
  done
  find "$T/outside" /dev/ptmx /dev/null -printf '%p %m %U %l\n' | diff "$T/before" -
  delete_wins box
  # By one that is made while a container that shares its root moves things in it.
  start_bundle box
  end=$((SECONDS + 4))
  local n=0
  while [ $SECONDS -lt $end ]; do
    n=$((n + 1))
    cp "$B/config.json" "$B/config.kept"
    configure '.process.args = ["true"]'
    timeout 20 "$RUNTIME" --root "$T/runtime" run --bundle "$B" "beside$n" </dev/null >/dev/null 2>&1 || true
    runtime delete --force "beside$n" >/dev/null 2>&1 || true
    mv "$B/config.kept" "$B/config.json"
  done
  find "$T/outside" /dev/ptmx /dev/null -printf '%p %m %U %l\n' | diff "$T/before" -
  delete_wins box
}

@test "a payload that forks while it is killed and deleted" {
  hostile hydra
  local n
  for n in 1 2 3; do
    start_bundle box
    delete_wins box
  done
  start_bundle box
  runtime kill --all box KILL
  delete_wins box
}

@test "a payload that forks in a pid namespace of others" {
  configure '.linux.namespaces |= map(select(.type != "pid"))'
  hostile hydra
  local n
  for n in 1 2 3; do
    start_bundle box
    delete_wins box
  done
  start_bundle box
  runtime kill --all box KILL
  delete_wins box
}
