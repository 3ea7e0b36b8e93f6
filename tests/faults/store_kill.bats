# Whoever changes the store is killed at each of the system calls that leave something on disk: the store stays whole,
# the change is wholly done or not at all, and the next one who asks for it gets it.
load "$CTR_TEST_LIB"

setup_file() {
  # In memory where that can be: the order of the calls is the same, and a flush to disk takes 50 ms.
  WORK=$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo "$T")/ctr-store.XXXXXX")
  ROOT=$WORK/root
  USER=$CTR_TESTS/faults/store_user
  # After these the disk looks different; a kill at any other call is as one at the next of these.
  CALLS=mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,write,pwrite64,ftruncate,openat2,syncfs,exit_group
  export WORK ROOT USER CALLS
  mkdir -m 0700 "$ROOT"
  keep empty
  "$USER" "$ROOT" load one a b
  keep one
  "$USER" "$ROOT" load two a c
  keep two
  "$USER" "$ROOT" tag two three
  keep three
  "$USER" "$ROOT" rmi two
  "$USER" "$ROOT" rmi three
  keep removed
  give one
  "$USER" "$ROOT" cache key d
  keep cached
}

teardown_file() { rm -rf "$WORK"; }

# What is in $ROOT now, under a name; and back again.
keep() {
  cp -a "$ROOT" "$WORK/$1"
  "$USER" "$ROOT" list >"$WORK/$1.list"
}
give() { rm -rf "$ROOT" && cp -a "$WORK/$1" "$ROOT"; }

kill_at() { "$CTR_TESTS/faults/kill_at_syscall" -e "$CALLS" -o "$WORK/line" -n "$1" -- "$USER" "$ROOT" "${@:2}"; }

# The store says of itself that it is whole.
whole() { "$USER" "$ROOT" check >"$WORK/check" 2>&1 || wrong+="$1: $(cat "$WORK/check")"$'\n'; }

lists() { "$USER" "$ROOT" list | cmp -s - "$WORK/$1.list"; }

# kill_each BEFORE AFTER CHANGE...: at each call of a change that takes the state BEFORE to AFTER.
kill_each() {
  local before=$1 after=$2 n=1 line
  shift 2
  wrong=''
  while give "$before" && kill_at "$n" "$@" >/dev/null 2>&1; do
    line=$(cat "$WORK/line")
    whole "$line"
    lists "$before" || lists "$after" || wrong+="$line: half done"$'\n'
    # What the killed one has done need not be done again: a second rmi finds no image.
    lists "$after" || "$USER" "$ROOT" "$@" >"$WORK/again" 2>&1 || wrong+="$line: again: $(cat "$WORK/again")"$'\n'
    whole "$line, again"
    lists "$after" || wrong+="$line: again: not done"$'\n'
    n=$((n + 1))
  done
  echo "killed at $((n - 1)) calls"
  printf '%s' "$wrong"
  [ "$n" -gt 10 ] && [ -z "$wrong" ]
}

@test "the first load of all is killed at each call" {
  kill_each empty one load one a b
}
@test "a load that shares a layer is killed at each call" {
  kill_each one two load two a c
}
@test "a tag is killed at each call" {
  kill_each two three tag two three
}
@test "an rmi that frees a layer is killed at each call" {
  kill_each two removed rmi two
}
@test "a cached step is killed at each call" {
  kill_each one cached cache key d
}
@test "pruning the cache is killed at each call" {
  kill_each cached one prune
}

@test "who settles what a killed load left is killed at each call" {
  wrong=''
  for first in 25 50 75; do
    give one
    kill_at "$first" load two a c d e >/dev/null 2>&1
    keep halved
    n=1
    while give halved && kill_at "$n" settle >/dev/null 2>&1; do
      whole "$first, $(cat "$WORK/line")"
      n=$((n + 1))
    done
    rm -rf "$WORK/halved"
    [ "$n" -gt 3 ]
  done
  printf '%s' "$wrong"
  [ -z "$wrong" ]
}

@test "sixteen changes at once are each killed at random" {
  wrong=''
  give one
  for round in 1 2 3; do
    pids=()
    for i in $(seq 16); do
      letter=$(printf '%x' $((i % 6 + 10)))
      case $((i % 4)) in
        0) change=(rmi one) ;;
        1) change=(prune) ;;
        2) change=(cache "key$i" "$letter") ;;
        *) change=(load "name$((i % 5))" a "$letter" "$((i % 10))") ;;
      esac
      "$CTR_TESTS/faults/kill_at_syscall" -e "$CALLS" -o /dev/null -n $((RANDOM % 100 + 1)) -- \
        "$USER" "$ROOT" "${change[@]}" >/dev/null 2>&1 &
      pids+=($!)
    done
    # Not all that runs in the background: bats' own clock is there too.
    for pid in "${pids[@]}"; do wait "$pid" || true; done
    whole "round $round"
  done
  printf '%s' "$wrong"
  [ -z "$wrong" ]
}

@test "twenty-four loads at once on an empty root: none fails" {
  wrong=''
  give empty
  pids=()
  for i in $(seq 24); do
    "$USER" "$ROOT" load "name$i" a "$(printf '%x' $((i % 16)))" >"$WORK/load.$i" 2>&1 &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || wrong+="a load failed"$'\n'; done
  cat "$WORK"/load.*
  whole 'all loaded'
  printf '%s' "$wrong"
  [ -z "$wrong" ]
  [ "$("$USER" "$ROOT" list | wc -l)" = 16 ]
}
