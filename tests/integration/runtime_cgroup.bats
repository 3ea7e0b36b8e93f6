# The container's cgroup on any host, whatever controllers it has. Runs on runc and crun too (RUNTIME=/path).
# shellcheck disable=SC2016  # scripts for the container and filters for jq
load "$CTR_TEST_LIB"
load ../security/bundle

setup() { new_bundle; }
teardown() {
  end_containers
  rmdir /sys/fs/cgroup/box 2>/dev/null || true
}

@test "a cgroup that was killed once is not used again: some kernels kill whatever enters it later" {
  mkdir /sys/fs/cgroup/box
  echo 1 >/sys/fs/cgroup/box/cgroup.kill
  configure '.linux.cgroupsPath = "/box"'
  in_shell 'echo alive'
  run_bundle box
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *alive* ]]
}

@test "a name that a container was killed under can be used again at once" {
  configure '.linux.cgroupsPath = "/box"'
  in_shell 'while :; do sleep 1; done'
  for _ in 1 2 3; do
    start_bundle box
    runtime delete --force box
  done
  in_shell 'echo alive'
  run_bundle box
  [ "$status" = 0 ]
  [[ $output == *alive* ]]
}

@test "a container without a cgroupsPath stands beside our own cgroup, by its id" {
  in_shell 'while :; do sleep 1; done'
  start_bundle by-id
  [ -d /sys/fs/cgroup/by-id ] || { find /sys/fs/cgroup -type d; false; }
  [ -n "$(cat /sys/fs/cgroup/by-id/cgroup.procs)" ]
  runtime delete --force by-id
  [ ! -e /sys/fs/cgroup/by-id ]
}

@test "a cgroup that holds somebody else's process is refused, and the process lives on" {
  [ "$(runtime_name)" = ctr-runtime ] || skip "others join it"
  mkdir /sys/fs/cgroup/box
  sleep 100 3>&- &
  local other=$!
  echo "$other" >/sys/fs/cgroup/box/cgroup.procs
  configure '.linux.cgroupsPath = "/box"'
  in_shell 'echo RAN'
  run_bundle box
  echo "$output"
  [ "$status" != 0 ]
  [[ $output == *"cgroup /box"* ]]
  [[ $output != *RAN* ]]
  kill -0 "$other"
  kill "$other"
  wait "$other" || true
}

@test "a path with .. or of systemd's form is refused" {
  [ "$(runtime_name)" = ctr-runtime ] || skip "others clean it, or have a driver"
  local path
  for path in /../box /a/../../box ../box system.slice:ctr:box; do
    configure '.linux.cgroupsPath = $path' --arg path "$path"
    in_shell 'echo RAN'
    run_bundle box
    echo "$path: $output"
    [ "$status" != 0 ]
    [[ $output == *cgroup* ]]
    [[ $output != *RAN* ]]
  done
}

@test "a limit whose controller this host does not give is named, and nothing is left" {
  [ "$(runtime_name)" = ctr-runtime ] || skip "others say it in their own words"
  if grep -qw memory /sys/fs/cgroup/cgroup.controllers; then skip "this host gives memory"; fi
  configure '.linux.cgroupsPath = "/box" | .linux.resources.memory.limit = 33554432'
  in_shell 'echo RAN'
  run_bundle box
  echo "$output"
  [ "$status" != 0 ]
  [[ $output == *"memory.limit needs the memory controller"* ]]
  [[ $output != *RAN* ]]
  [ ! -e /sys/fs/cgroup/box ]
}
