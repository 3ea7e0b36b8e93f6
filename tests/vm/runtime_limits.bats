# The limits that a bundle asks for hold. Needs every controller of cgroup v2; runs on runc and crun too (RUNTIME=/path).
# shellcheck disable=SC2016  # scripts for the container and filters for jq
load "$CTR_TEST_LIB"
load ../security/bundle

setup() {
  [ "${CTR_IN_VM-}" = 1 ] || skip "only in the test kernel"
  new_bundle
  configure '.linux.cgroupsPath = "/box"'
}
teardown() { end_containers; }

limits() { configure ".linux.resources = $1"; }

# A file of the container's cgroup.
group() { cat "/sys/fs/cgroup/box/$1"; }

@test "an OOM kill: the payload dies of it, and it is counted" {
  limits '{memory: {limit: 33554432, swap: 33554432}}'
  # tail keeps the one line that never ends.
  in_shell 'sh -c "tail /dev/zero" ; echo "exit $?"; while [ ! -e /go ]; do sleep 0.1; done'
  start_bundle box
  eventually 30 grep -q 'exit 137' "$T/box.log"
  [ "$(group memory.max)" = 33554432 ]
  [ "$(group memory.swap.max)" = 0 ]
  [ "$(awk '$1 == "oom_kill" {print $2}' /sys/fs/cgroup/box/memory.events)" -ge 1 ]
  touch "$R/go"
}

@test "an OOM kill of the first process ends the container with 137" {
  limits '{memory: {limit: 33554432, swap: 33554432}}'
  configure '.process.args = ["tail", "/dev/zero"]'
  run_bundle box
  echo "$output"
  [ "$status" = 137 ]
}

@test "a fork bomb is stopped at the pids limit" {
  limits '{pids: {limit: 20}}'
  # The first process waits without forking: one that cannot fork ends, and all with it.
  mkfifo "$R/fifo"
  in_shell '(while :; do sleep 100 & done); read never </fifo'
  start_bundle box
  eventually 20 grep -q '^max [1-9]' /sys/fs/cgroup/box/pids.events
  [ "$(group pids.max)" = 20 ]
  # The one that could not fork has ended.
  [ "$(group pids.current)" -ge 18 ] && [ "$(group pids.current)" -le 20 ]
}

@test "a payload that has filled its pids: exec says so, and delete --force wins" {
  cp "$CTR_TESTS/security/hostile_payload" "$R/bin/hostile_payload"
  limits '{pids: {limit: 40}}'
  configure '.process.args = ["hostile_payload", "fill"]'
  start_bundle box
  eventually 20 grep -q '^max [1-9]' /sys/fs/cgroup/box/pids.events
  for _ in 1 2 3; do
    run timeout 30 "$RUNTIME" --root "$T/runtime" exec box true
    echo "$status $output"
    [ "$status" != 0 ] && [ -n "$output" ]
  done
  timeout 60 "$RUNTIME" --root "$T/runtime" delete --force box
  [ ! -e "$T/runtime/box" ]
  [ ! -e /sys/fs/cgroup/box ]
}

@test "a cpu quota throttles" {
  limits '{cpu: {quota: 10000, period: 50000, shares: 512}}'
  in_shell 'while :; do :; done'
  start_bundle box
  sleep 2
  [ "$(group cpu.max)" = "10000 50000" ]
  local weight
  weight=$(group cpu.weight)
  [ "$weight" -ge 19 ] && [ "$weight" -le 59 ]
  value() { awk -v key="$1" '$1 == key {print $2}' /sys/fs/cgroup/box/cpu.stat; }
  [ "$(value nr_throttled)" -ge 10 ]
  # A fifth of two seconds and some grace, where all of it would be 2,000,000.
  [ "$(value usage_usec)" -lt 1000000 ]
}

@test "cpuset: the payload runs on the asked-for cpu alone" {
  [[ $(uname -v) == *SMP* ]] || skip "this kernel is for one cpu and has no cpuset"
  limits '{cpu: {cpus: "0", mems: "0"}}'
  in_shell 'grep Cpus_allowed_list /proc/self/status'
  run_bundle box
  echo "$output"
  [ "$status" = 0 ]
  [ "$(awk '/Cpus_allowed_list/ {print $2}' <<<"$output" | tr -d '\r')" = 0 ]
}

@test "io.max: writing to a disk takes as long as the limit says" {
  local device
  device=$(stat -c %d /disk)
  mkdir -p /disk/test
  limits "{blockIO: {throttleWriteBpsDevice: [{major: $((device >> 8 & 4095)), minor: $((device & 255)), rate: 1048576}]}}"
  configure '.mounts += [{destination: "/data", type: "bind", source: "/disk/test", options: ["bind"]}]'
  in_shell 'dd if=/dev/zero of=/data/file bs=64k count=48 oflag=direct'
  local start=$SECONDS
  run_bundle box
  echo "$output"
  rm -rf /disk/test
  [ "$status" = 0 ]
  # Three megabytes at one a second.
  [ $((SECONDS - start)) -ge 2 ]
}

@test "unified: raw files, and one that is not there is named" {
  limits '{unified: {"memory.high": "50331648", "pids.max": "77"}}'
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  [ "$(group memory.high)" = 50331648 ]
  [ "$(group pids.max)" = 77 ]
  runtime delete --force box
  limits '{unified: {"memory.nosuch": "1"}}'
  in_shell 'echo RAN'
  run_bundle box
  echo "$output"
  [ "$status" != 0 ]
  [[ $output == *memory.nosuch* ]]
  [[ $output != *RAN* ]]
}

@test "a limit that this host cannot give is named with its controller, and nothing is started or left" {
  [ "$(runtime_name)" = ctr-runtime ] || skip "others say it in their own words"
  local limit name
  while read -r limit name; do
    limits "$limit"
    in_shell 'echo RAN'
    run_bundle box
    echo "$limit: $output"
    [ "$status" != 0 ]
    [[ $output == *"$name"* ]]
    [[ $output != *RAN* ]]
    [ ! -e /sys/fs/cgroup/box ]
  done <<'END'
{hugepageLimits:[{pageSize:"2MB",limit:4194304}]} hugetlb
{memory:{swappiness:10}} memory.swappiness
{cpu:{realtimeRuntime:1000}} cpu.realtimeRuntime
{unified:{"rdma.max":"x"}} rdma
END
}

@test "devices: what no rule allows cannot be opened, and what one allows can" {
  limits '{devices: [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "w"}]}'
  configure '.linux.devices = [{type: "c", path: "/dev/kmsg", major: 1, minor: 11}, {type: "c", path: "/dev/mem", major: 1, minor: 1},
    {type: "b", path: "/dev/disk", major: 98, minor: 0}]'
  in_shell 'echo from-the-test >/dev/kmsg && echo writes
    head -c 1 /dev/kmsg >/dev/null || echo reads not
    head -c 1 /dev/mem >/dev/null || echo mem not
    head -c 1 /dev/disk >/dev/null || echo disk not
    mknod /tmp/own b 98 0 && ! head -c 1 /tmp/own >/dev/null && echo own not
    echo x >/dev/null && head -c 1 /dev/zero | wc -c'
  run_bundle box
  echo "$output"
  [ "$status" = 0 ]
  for line in writes "reads not" "mem not" "disk not" "own not"; do [[ $output == *"$line"* ]]; done
}

@test "rlimits are raised above the caller's" {
  configure '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100000, hard: 200000}, {type: "RLIMIT_CORE", soft: 0, hard: 0}]'
  in_shell 'ulimit -n; ulimit -Hn; ulimit -c'
  run bash -c "ulimit -n 1024; exec $RUNTIME --root $T/runtime run --bundle $B box"
  echo "$output"
  [ "$(tr -d '\r' <<<"$output" | tail -n 3 | paste -sd' ')" = "100000 200000 0" ]
}

@test "the oom score is lowered below the caller's" {
  configure '.process.oomScoreAdj = -500'
  in_shell 'cat /proc/self/oom_score_adj'
  run_bundle box
  echo "$output"
  [ "$(tail -n 1 <<<"$output" | tr -d '\r')" = -500 ]
}

@test "a killed container's cgroup is gone, with those that the payload made in it" {
  configure '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["rw"]}]'
  in_shell 'mkdir -p /sys/fs/cgroup/own/deep && sleep 1000 & while :; do sleep 1; done'
  start_bundle box
  eventually 10 test -d /sys/fs/cgroup/box/own/deep
  runtime delete --force box
  [ ! -e /sys/fs/cgroup/box ]
}
