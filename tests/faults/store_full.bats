# The store on a disk that fills up at each point of a change: it says so, stays whole, and with room again the same
# change is done.
load "$CTR_TEST_LIB"

setup_file() {
  DISK=$T/disk ROOT=$T/disk/root USER=$CTR_TESTS/faults/store_user
  export DISK ROOT USER
  mkdir "$DISK"
  mount -t tmpfs -o size=16m,mode=0700 tmpfs "$DISK"
}

teardown_file() { umount "$DISK"; }

# fill_each CHANGE...: with each amount of free space, from next to none to enough, the change is done or says that the
# disk is full. A tmpfs of size 0 would be one without a limit, so there is always a page.
fill_each() {
  local free=4 wrong='' failed=0 used status
  rm -rf "$T/before" && cp -a "$ROOT" "$T/before"
  "$USER" "$ROOT" "$@"
  "$USER" "$ROOT" list >"$T/after"
  while :; do
    rm -rf "$ROOT" && cp -a "$T/before" "$ROOT"
    used=$(df --output=used -k "$DISK" | tail -n1)
    mount -o "remount,size=$((used + free))k" "$DISK"
    status=0
    "$USER" "$ROOT" "$@" >"$T/out" 2>&1 || status=$?
    mount -o remount,size=16m "$DISK"
    "$USER" "$ROOT" check >"$T/check" 2>&1 || wrong+="$free KiB free: $(cat "$T/check")"$'\n'
    [ "$status" != 0 ] || break
    failed=$((failed + 1))
    grep -qi 'no space left on device' "$T/out" || wrong+="$free KiB free: it says: $(cat "$T/out")"$'\n'
    "$USER" "$ROOT" "$@" >"$T/out" 2>&1 || wrong+="$free KiB free, again: $(cat "$T/out")"$'\n'
    "$USER" "$ROOT" list | cmp -s - "$T/after" || wrong+="$free KiB free, again: not done"$'\n'
    "$USER" "$ROOT" check >"$T/check" 2>&1 || wrong+="$free KiB free, again: $(cat "$T/check")"$'\n'
    free=$((free + 8))
  done
  "$USER" "$ROOT" list | cmp -s - "$T/after" || wrong+="$free KiB free: not done, and no error"$'\n'
  echo "failed with $failed amounts of room"
  printf '%s' "$wrong"
  [ "$failed" -gt 1 ] && [ -z "$wrong" ]
}

@test "the first load of all" {
  mkdir -m 0700 "$ROOT"
  fill_each load one a b
}
@test "a load into a store" {
  fill_each load two a c d
}
@test "a cached step" {
  fill_each cache key e
}

layers() { find "$1/layers" -mindepth 1 -maxdepth 1 | wc -l; }

@test "an rmi and a prune work on a disk that has no room at all" {
  local removal
  # With room: those before may have had none for the reserve.
  "$USER" "$ROOT" cache key f
  rm -rf "$T/before" && cp -a "$ROOT" "$T/before"
  for removal in 'rmi two' prune; do
    rm -rf "$ROOT" && cp -a "$T/before" "$ROOT"
    dd if=/dev/zero of="$DISK/filler" bs=4k 2>/dev/null && return 1
    # shellcheck disable=SC2086  # two words
    "$USER" "$ROOT" $removal
    rm "$DISK/filler"
    "$USER" "$ROOT" check
    [ "$(layers "$ROOT")" -lt "$(layers "$T/before")" ]
  done
}
