# Mounts whose target leads elsewhere, or is very long.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

setup() {
  new_bundle
  mkdir -p "$T/outside" "$T/volume/a"
}
teardown() {
  [ -z "${racer-}" ] || kill "$racer" 2>/dev/null || true
  end_containers
  rm -rf "$T/outside" "$T/volume"
}

nothing_outside() { [ -z "$(ls -A "$T/outside")" ] || { find "$T/outside"; return 1; }; }

# Exchanges volume/a, a folder, with volume/b, a link to the machine's folder, as fast as it can (renameat2, EXCHANGE).
start_racer() {
  ln -s "$T/outside" "$T/volume/b"
  perl -e 'while (1) { syscall(316, -100, $ARGV[0], -100, $ARGV[1], 2) }' "$T/volume/a" "$T/volume/b" 3>&- &
  racer=$!
}

@test "the race of the next test hits a runtime that goes by paths" {
  [ "$(uname -m)" = x86_64 ] || skip "the number of renameat2 is x86_64's"
  mkdir -p "$R/v"
  start_racer
  unshare -m -- sh -c 'mount --bind "$1" "$2/v" && exec "$3" "$2" /v/a/new "$4"' sh \
    "$T/volume" "$R" "$CTR_TESTS/runtime/naive_mount" "$T/outside"
  [ -n "$(ls -A "$T/outside")" ]
}

@test "CVE-2021-30465, CVE-2024-45310: a mount's target is swapped for a link while it is made" {
  [ "$(uname -m)" = x86_64 ] || skip "the number of renameat2 is x86_64's"
  echo content >"$T/file"
  configure '.mounts += [{destination: "/v", type: "bind", source: $volume, options: ["rbind"]},
    {destination: "/v/a/new", type: "tmpfs", source: "tmpfs", options: []},
    {destination: "/v/a/deep/er", type: "bind", source: $volume, options: ["bind"]},
    {destination: "/v/a/file", type: "bind", source: $file, options: ["bind"]}]' \
    --arg volume "$T/volume" --arg file "$T/file"
  start_racer
  local end=$((SECONDS + 15)) n=0
  while [ $SECONDS -lt $end ]; do
    n=$((n + 1))
    timeout 60 "$RUNTIME" --root "$T/runtime" run --bundle "$B" "race$n" >/dev/null 2>&1 || true
    runtime delete --force "race$n" >/dev/null 2>&1 || true
    nothing_outside
  done
  echo "$n runs"
  [ "$n" -ge 3 ]
}

@test "CVE-2021-30465: a target through a link stays in the root" {
  ln -s "$T/outside" "$R/absolute"
  ln -s "../../../../../../../../..$T/outside" "$R/relative"
  configure '.mounts += [{destination: "/absolute/x", type: "tmpfs", source: "tmpfs", options: []},
    {destination: "/relative/y", type: "tmpfs", source: "tmpfs", options: []}]'
  run_bundle links
  echo "$output"
  nothing_outside
}

@test "CVE-2021-43784: more mounts than 64 KiB can name" {
  mkdir "$T/many"
  configure '.mounts += [range(300) | {destination: ("/many/" + tostring + ("x" * 220)), type: "bind", source: $source,
    options: ["bind"]}]' --arg source "$T/many"
  in_shell 'grep -c " /many/" /proc/self/mountinfo'
  run_bundle many
  echo "$output"
  [ "$status" = 0 ]
  [ "$(tail -n 1 <<<"$output")" = 300 ]
}

@test "CVE-2021-43784: paths and variables beyond 64 KiB" {
  # A variable may have up to 128 KiB (execve(2)).
  configure '.process.env += ["X=" + ("y" * 100000)]'
  in_shell 'echo ${#X}'
  run_bundle variable
  [ "$status" = 0 ]
  [ "$(tail -n 1 <<<"$output")" = 100000 ]
  for field in destination source; do
    new_bundle
    configure '.mounts += [{destination: "/d", type: "bind", source: $T, options: ["bind"]} | .[$field] = "/" + ("z/" * 40000)]' \
      --arg field "$field" --arg T "$T"
    in_shell 'echo RAN'
    run_bundle "long$field"
    echo "${output:0:300}"
    # An error of its own, not a crash.
    [ "$status" != 0 ] && [ "$status" -lt 128 ]
    [[ $output != *RAN* ]]
  done
}
