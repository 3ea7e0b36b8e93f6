# What a payload must not get of ours: descriptors, folders by them, sockets.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

setup() { new_bundle; }
teardown() { end_containers; }

@test "no descriptor but 0, 1 and 2 reaches a payload, in run and in exec" {
  # ls has the folder itself open.
  in_shell 'ls /proc/self/fd | wc -l; while [ -e /wait ]; do sleep 0.1; done'
  run_bundle run
  echo "$output"
  [ "$(tail -n 1 <<<"$output")" = 4 ]
  touch "$R/wait"
  start_bundle exec
  run runtime exec exec sh -c 'ls /proc/self/fd | wc -l' 5</etc/passwd 6</
  rm "$R/wait"
  echo "$output"
  [ "$(tail -n 1 <<<"$output")" = 4 ]
}

# A file that only the machine has is not in the output.
inside() { [[ $1 != *"secret of the machine"* ]]; }

@test "CVE-2024-21626: a working folder by a descriptor of ours, in run" {
  echo "secret of the machine" >"$T/secret"
  in_shell 'up=; for _ in 1 2 3 4 5 6 7 8 9; do up=$up../; done; cat "$up"'"$T"'/secret; echo RAN'
  ln -s /proc/self/fd "$R/descriptors"
  local n place
  for n in $(seq 3 20); do
    for place in "/proc/self/fd/$n" "/descriptors/$n" "/proc/self/fd/$n/../.."; do
      configure '.process.cwd = $cwd' --arg cwd "$place"
      run_bundle "cwd$n"
      runtime delete --force "cwd$n" >/dev/null 2>&1 || true
      echo "$place: $status $output"
      [ "$status" != 0 ]
      inside "$output"
      [[ $output != *RAN* ]]
    done
  done
}

@test "CVE-2024-21626: a working folder by a descriptor of ours, in exec" {
  echo "secret of the machine" >"$T/secret"
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  local n
  for n in $(seq 3 20); do
    run runtime exec --cwd "/proc/self/fd/$n" box sh -c "cat ../../../../../../../../../$T/secret; echo RAN"
    echo "$n: $status $output"
    [ "$status" != 0 ]
    inside "$output"
    [[ $output != *RAN* ]]
  done
}

@test "CVE-2020-15257: no abstract socket of ours exists while a container runs" {
  abstract() { awk '$8 ~ /^@/ {print $8}' /proc/net/unix | sort -u; }
  abstract >"$T/before"
  configure '.linux.namespaces |= map(select(.type != "network"))'
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  abstract >"$T/after"
  run runtime exec box awk '$8 ~ /^@/ {print $8}' /proc/net/unix
  diff "$T/before" "$T/after"
  [ "$output" = "$(cat "$T/before")" ]
}
