# An image whose /dev is not what its names say.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

setup() {
  new_bundle
  mkdir -p "$T/outside"
  echo precious >"$T/outside/victim"
  echo precious >"$T/outside/ptmx"
  chown 4321:4321 "$T/outside/victim"
  find "$T/outside" -printf '%P %y %m %U %s %l\n' | sort >"$T/before"
}
teardown() {
  [ -z "${racer-}" ] || kill "$racer" 2>/dev/null || true
  end_containers
  rm -rf "$T/outside"
}

outside_unchanged() { diff "$T/before" <(find "$T/outside" -printf '%P %y %m %U %s %l\n' | sort); }

# As it is, and with the image's own /dev (no mount over it).
with_and_without_dev() {
  "$@" with
  without_mount /dev
  without_mount /dev/pts
  without_mount /dev/shm
  "$@" without
}

@test "CVE-2025-31133: /dev/null is a link when a path is masked" {
  mkdir -p "$R/dev"
  echo "secret of the image" >"$R/secret"
  echo original >"$R/masked"
  ln -s /secret "$R/dev/null"
  configure '.linux.maskedPaths = ["/masked"]'
  in_shell 'cat /masked; true'
  check() {
    run_bundle "mask$1"
    echo "$1: $status $output"
    [[ $output != *"secret of the image"* ]]
    # Refused, or masked.
    [ "$status" != 0 ] || [[ $output != *original* ]]
  }
  with_and_without_dev check
}

@test "CVE-2025-31133: /dev/null is swapped while a path is masked" {
  [ "$(uname -m)" = x86_64 ] || skip "the number of renameat2 is x86_64's"
  mkdir -p "$R/dev"
  echo "secret of the image" >"$R/secret"
  echo original >"$R/masked"
  mknod "$R/dev/null" c 1 3
  ln -s /secret "$R/dev/zzz"
  without_mount /dev
  without_mount /dev/pts
  without_mount /dev/shm
  configure '.linux.maskedPaths = ["/masked"]'
  in_shell 'cat /masked; true'
  perl -e 'while (1) { syscall(316, -100, $ARGV[0], -100, $ARGV[1], 2) }' "$R/dev/null" "$R/dev/zzz" 3>&- &
  racer=$!
  local end=$((SECONDS + 10)) n=0
  while [ $SECONDS -lt $end ]; do
    n=$((n + 1))
    run_bundle "race$n"
    runtime delete --force "race$n" >/dev/null 2>&1 || true
    [[ $output != *"secret of the image"* ]]
    [[ $output != *original* ]]
  done
}

# Runs with a terminal: script(1) gives the runtime one.
run_on_terminal() {
  configure '.process.terminal = true'
  run timeout 60 script -qec "$RUNTIME --root $T/runtime run --bundle $B $1" /dev/null </dev/null
}

@test "CVE-2025-52565, CVE-2026-88264: /dev/console is a link" {
  mkdir -p "$R/dev"
  local target
  for target in "$T/outside/victim" "$T/outside/new" "../../../../../../../../../..$T/outside/victim"; do
    check() {
      rm -rf "${R:?}/dev/console"
      ln -s "$target" "$R/dev/console"
      in_shell 'chown 99:99 /dev/console; tty; true'
      run_on_terminal "console$1"
      runtime delete --force "console$1" >/dev/null 2>&1 || true
      echo "$target $1: $status $output"
      outside_unchanged
    }
    new_bundle
    mkdir -p "$R/dev"
    with_and_without_dev check
  done
}

@test "CVE-2026-41579, CVE-2026-47766: /dev is a link out of the root" {
  local target
  for target in "$T/outside" "../../../../../../../../../..$T/outside"; do
    new_bundle
    rm -rf "${R:?}/dev"
    ln -s "$target" "$R/dev"
    check() {
      run_bundle "dev$1"
      echo "$target $1: $status $output"
      outside_unchanged
    }
    with_and_without_dev check
  done
}

@test "CVE-2026-88265: /dev/null is a link when stdio is set up for another user" {
  mkdir -p "$R/dev"
  local name
  for name in null full; do
    rm -rf "${R:?}/dev/$name"
    ln -s "$T/outside/victim" "$R/dev/$name"
  done
  configure '.process.user = {uid: 1000, gid: 1000}'
  in_shell 'true'
  check() {
    run timeout 60 "$RUNTIME" --root "$T/runtime" run --bundle "$B" "null$1" </dev/null >/dev/null 2>&1
    run timeout 60 "$RUNTIME" --root "$T/runtime" run --bundle "$B" "closed$1" <&- >/dev/null 2>&1
    outside_unchanged
  }
  with_and_without_dev check
}
