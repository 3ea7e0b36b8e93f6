# `ctr load`, `tag`, `rmi`, `save` and `import`, killed at system calls all along their way, and their helpers: the next
# command finds a whole store, nothing is left in the making, and the same command does its work.
load "$CTR_TEST_LIB"

setup_file() {
  STORE_USER=$CTR_TESTS/faults/store_user
  KILL_AT=$CTR_TESTS/faults/kill_at_syscall
  export STORE_USER KILL_AT
  busybox_archive "$T/busybox.tar"
  mkdir "$T/one" && echo one >"$T/one/file"
  tar -C "$T/one" -cf "$T/plain.tar" .
}

teardown() { ! mountpoint -q "$T/root" || umount "$T/root"; }

fresh() {
  rm -rf "$T/root" "$T/run"
  [ "$1" = empty ] || ctr load -q -i "$T/busybox.tar"
}

# Nothing wrong, nothing in the making, and no process of ours.
clean() {
  "$STORE_USER" "$T/root" check >"$T/check" 2>&1 || wrong+="$1: $(cat "$T/check")"$'\n'
  [ -z "$(find "$T/root/drafts" "$T/root/intents" -mindepth 1 2>/dev/null)" ] || wrong+="$1: left in the making"$'\n'
}

# kill_along PROGRAM START COMMAND...: counts the program's calls in `ctr COMMAND`, then kills it at twelve of them, from
# a store that is empty or has busybox.
kill_along() {
  local program=$1 start=$2 total step n line
  shift 2
  wrong=''
  fresh "$start"
  "$KILL_AT" -o "$T/line" -p "$program" -- "$CTR" --root "$T/root" --run-root "$T/run" "$@" >/dev/null 2>"$T/error"
  total=$(awk '/^ended after/ {print $3}' "$T/line")
  [ "$total" -gt 20 ] || { echo "only $total calls: $(cat "$T/error")"; return 1; }
  step=$(((total + 11) / 12))
  # The first kills are those that leave least; the offset makes each run's points others.
  for ((n = 1 + RANDOM % step; n <= total; n += step)); do
    fresh "$start"
    "$KILL_AT" -o "$T/line" -p "$program" -n "$n" -- "$CTR" --root "$T/root" --run-root "$T/run" "$@" >"$T/out" 2>&1 ||
      continue
    line=$(cat "$T/line")
    # A helper that lost its `ctr`, or a `ctr` that lost its helper, needs a moment to see it.
    eventually 20 no_others >/dev/null || wrong+="$line: another process is left"$'\n'
    ctr images >"$T/images" 2>&1 || wrong+="$line: images: $(cat "$T/images")"$'\n'
    clean "$line"
    if [ "$1" != rmi ]; then
      ctr "$@" >"$T/out" 2>&1 || wrong+="$line: again: $(cat "$T/out")"$'\n'
    fi
    clean "$line, again"
  done
  echo "killed along $total calls"
  printf '%s' "$wrong"
  [ -z "$wrong" ]
}

# Of this file's own cgroup: the machine may have others at work.
no_others() {
  local pid
  while read -r pid; do
    case $(readlink "/proc/$pid/exe") in "$CTR_STAGE"/*) return 1 ;; esac
  done </sys/fs/cgroup/test/cgroup.procs
}

@test "load: ctr is killed" {
  kill_along ctr empty load -q -i "$T/busybox.tar"
}
@test "load: its helper is killed" {
  kill_along ctr-image-unpack empty load -q -i "$T/busybox.tar"
}
@test "load of what is there: ctr is killed" {
  kill_along ctr busybox load -q -i "$T/busybox.tar"
}
@test "tag: killed" {
  kill_along ctr busybox tag busybox other:1
}
@test "rmi: killed" {
  kill_along ctr busybox rmi busybox
}
@test "save: ctr is killed" {
  kill_along ctr busybox save -o "$T/saved.tar" busybox
}
@test "import: ctr is killed" {
  kill_along ctr empty import "$T/plain.tar" plain:1
}
@test "import: its helper is killed" {
  kill_along ctr-image-unpack empty import "$T/plain.tar" plain:1
}

@test "a load onto a full disk says so and leaves nothing" {
  rm -rf "$T/root" "$T/run"
  mkdir "$T/root"
  mount -t tmpfs -o size=1m,mode=0700 tmpfs "$T/root"
  fails_with 125 'no space left on device' ctr load -q -i "$T/busybox.tar"
  wrong=''
  clean 'full'
  [ -z "$(ls "$T/root/layers")" ] || wrong+='a layer is left'
  mount -o remount,size=32m "$T/root"
  ctr load -q -i "$T/busybox.tar"
  clean 'with room again'
  umount "$T/root"
  printf '%s' "$wrong"
  [ -z "$wrong" ]
}
