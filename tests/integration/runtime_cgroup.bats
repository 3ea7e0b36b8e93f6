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

# on_a_host SCRIPT COMMAND…: in a mount namespace whose /sys/fs/cgroup SCRIPT has arranged on an empty folder.
on_a_host() {
  local script=$1
  shift
  unshare -m bash -c 'umount -R -l /sys/fs/cgroup && mount -t tmpfs none /sys/fs/cgroup && eval "$1" && shift && exec "$@"' \
    bash "$script" "$RUNTIME" --root "$T/runtime" "$@" </dev/null
}

@test "a hybrid host: the container's cgroup is in the v2 hierarchy, wherever it is" {
  [ "$(runtime_name)" = ctr-runtime ] || skip "others take v1's"
  configure '.linux.cgroupsPath = "/box"'
  in_shell 'cat /proc/self/cgroup; echo alive; sleep 600'
  on_a_host 'mkdir /sys/fs/cgroup/unified /sys/fs/cgroup/memory && mount -t cgroup2 none /sys/fs/cgroup/unified' \
    run -d --bundle "$B" box >"$T/out" 2>&1 3>&-
  [ -n "$(cat /sys/fs/cgroup/box/cgroup.procs)" ]
  # Whoever looks later finds it by its state.
  on_a_host 'mkdir /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup/unified' delete --force box
  [ ! -e /sys/fs/cgroup/box ]
}

@test "a host without cgroup v2 runs what asks for no limit, and names the limit otherwise, unless cgroups are disabled" {
  [ "$(runtime_name)" = ctr-runtime ] || skip "others have cgroup v1"
  in_shell 'echo alive'
  run on_a_host : run --bundle "$B" box
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *alive* ]]
  configure '.linux.resources.pids.limit = 9'
  run on_a_host : run --bundle "$B" box
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == *"linux.resources.pids.limit needs a cgroup"*"--cgroup-manager disabled"* ]]
  run on_a_host : --cgroup-manager disabled run --bundle "$B" box
  echo "$output"
  [ "$status" = 0 ]
  configure '.linux.resources = {devices: [{allow: false, access: "rwm"}]}'
  run on_a_host : run --bundle "$B" box
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == *"linux.resources.devices needs a cgroup"* ]]
}

@test "a cgroup above that holds processes itself cannot hand a controller on: told by that, and nothing is left" {
  [ "$(runtime_name)" = ctr-runtime ] || skip "others say it in their own words"
  local limit
  case " $(cat /sys/fs/cgroup/cgroup.controllers) " in
    *" hugetlb "*) limit='{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}' ;;
    # These two may be handed on by a cgroup that has threads alone, so others are not asked.
    *" memory "*) limit='{memory: {limit: 33554432}}' ;;
    *) skip "this host's cgroup v2 has no controller to hand on" ;;
  esac
  mkdir /sys/fs/cgroup/box
  sleep 100 3>&- &
  local other=$!
  echo "$other" >/sys/fs/cgroup/box/cgroup.procs
  configure '.linux.cgroupsPath = "/box/inner" | .linux.resources = '"$limit"
  in_shell 'echo RAN'
  run_bundle inner
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == *"/box cannot hand on while it holds processes itself"* ]]
  [[ $output != *RAN* ]]
  [ ! -e /sys/fs/cgroup/box/inner ]
  kill "$other"
  wait "$other" || true
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
