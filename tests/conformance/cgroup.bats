# runtime-spec, config-linux.md: control groups. Each test needs its controller: the test kernel has all but hugetlb and
# rdma, other hosts some or none.
load "$CTR_TEST_LIB"
load bundle

setup_file() { make_bundle; }
teardown() {
  remove_all
  find /sys/fs/cgroup -mindepth 1 -depth -type d -path '*/spec-*' -exec rmdir {} + 2>/dev/null || true
}

needs() { grep -qw "$1" /sys/fs/cgroup/cgroup.controllers || skip "this host's cgroup v2 has no controller $1"; }
# limited RESOURCES: a running container with them, at a path of its own.
limited() {
  where=/sys/fs/cgroup/spec-test/$(id)
  config '.process.args = ["sleep", "600"] | .linux.cgroupsPath = $path | .linux.resources = '"$1" --arg path "/spec-test/$(id)"
  runtime run -d -b "$B" "$(id)" </dev/null >"$T/out" 2>&1 3>&- || { cat "$T/out"; return 1; }
}
# file NAME CONTENT: of its cgroup.
file() { [ "$(cat "$where/$1")" = "$2" ] || { echo "$1 is $(cat "$where/$1"), not $2"; return 1; }; }
device_of_disk() {
  mountpoint -q /disk || skip "only in the test kernel: there is no disk"
  local number
  number=$(stat -c %d /disk)
  major=$((number >> 8 & 4095)) minor=$((number & 255))
}

@test "config-linux.md Cgroups Path: an absolute one is below the hierarchy's root, made where it is not there" {
  config '.process.args = ["sleep", "600"] | .linux.cgroupsPath = "/spec-test/deep/er/\($id)"' --arg id "$(id)"
  runtime run -d -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  grep -qx "$(pid_of "$(id)")" "/sys/fs/cgroup/spec-test/deep/er/$(id)/cgroup.procs"
}

@test "config-linux.md Cgroups Path: controllers are handed on from the root to the container" {
  needs pids
  config '.process.args = ["sleep", "600"] | .linux.cgroupsPath = "/spec-test/deep/er/\($id)" |
    .linux.resources.pids.limit = 9' --arg id "$(id)"
  runtime run -d -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  local folder
  for folder in "" /spec-test /spec-test/deep /spec-test/deep/er; do
    grep -qw pids "/sys/fs/cgroup$folder/cgroup.subtree_control"
  done
  grep -qw pids "/sys/fs/cgroup/spec-test/deep/er/$(id)/cgroup.controllers"
}

@test "config-linux.md Memory: limit, reservation and swap" {
  needs memory
  limited '{memory: {limit: 67108864, reservation: 33554432, swap: 100663296}}'
  file memory.max 67108864
  file memory.low 33554432
  file memory.swap.max 33554432
}

@test "config-linux.md Memory: -1 is no limit" {
  needs memory
  limited '{memory: {limit: -1, swap: -1}}'
  file memory.max max
  file memory.swap.max max
}

@test "config-linux.md Memory: checkBeforeUpdate refuses a limit below what is used, which would kill" {
  needs memory
  deviates crun 'of 1.8 does not know it'
  deviates runc 'of 1.1 does not know it'
  limited '{memory: {limit: 67108864}}'
  run runtime update -r - "$(id)" <<<'{"memory": {"limit": 4096, "checkBeforeUpdate": true}}'
  echo "$output"
  [ "$status" != 0 ]
  file memory.max 67108864
  [ "$(status_of "$(id)")" = running ]
}

@test "config-linux.md CPU: shares, quota and period" {
  needs cpu
  limited '{cpu: {shares: 2048, quota: 20000, period: 40000}}'
  file cpu.max "20000 40000"
  local weight
  weight=$(cat "$where/cpu.weight")
  # 79 by the straight line that was in use until 2025, 174 by the curve through the defaults.
  [ "$weight" = 79 ] || [ "$weight" = 174 ]
}

@test "config-linux.md CPU: burst" {
  needs cpu
  deviates crun 'of 1.8 does not know it'
  deviates runc 'of 1.1 does not know it'
  limited '{cpu: {quota: 20000, period: 40000, burst: 10000}}'
  file cpu.max.burst 10000
  runtime update --cpu-quota 8000 --cpu-burst 5000 "$(id)"
  file cpu.max "8000 40000"
  file cpu.max.burst 5000
}

@test "config-linux.md CPU: idle" {
  needs cpu
  deviates crun 'of 1.8 does not know it'
  deviates runc 'of 1.1 does not know it'
  limited '{cpu: {idle: 1}}'
  file cpu.idle 1
  runtime update --cpu-idle 0 --cpu-share 1024 "$(id)"
  file cpu.idle 0
  file cpu.weight 100
}

@test "config-linux.md CPU: cpus and mems" {
  needs cpuset
  limited '{cpu: {cpus: "0", mems: "0"}}'
  file cpuset.cpus 0
  file cpuset.mems 0
}

@test "config-linux.md CPU: what cgroup v2 has no file for is refused by its name" {
  [ "$(runtime_name)" = ctr-runtime ] || skip "others ignore it"
  local limit name
  while read -r limit name; do
    run limited "$limit"
    echo "$output"
    [ "$status" != 0 ]
    [[ $output == *"$name"* ]]
    [ ! -e "/sys/fs/cgroup/spec-test/$(id)" ]
  done <<'LIMITS'
{cpu:{realtimeRuntime:1000}} cpu.realtimeRuntime
{memory:{swappiness:10}} memory.swappiness
{memory:{disableOOMKiller:true}} memory.disableOOMKiller
{memory:{kernel:1000000}} memory.kernel
{memory:{kernelTCP:1000000}} memory.kernelTCP
{blockIO:{leafWeight:10}} blockIO.leafWeight
{network:{classID:1}} network.classID
LIMITS
}

@test "config-linux.md Block IO: weight" {
  needs io
  limited '{blockIO: {weight: 500}}'
  if [ -e "$where/io.bfq.weight" ]; then
    file io.bfq.weight "default 500" || file io.bfq.weight 500
  elif [ -e "$where/io.weight" ]; then
    file io.weight "default 4950"
  else
    skip "this kernel has no weights"
  fi
}

@test "config-linux.md Block IO: the four throttles, by device" {
  needs io
  device_of_disk
  limited "{blockIO: {throttleReadBpsDevice: [{major: $major, minor: $minor, rate: 1048576}],
    throttleWriteBpsDevice: [{major: $major, minor: $minor, rate: 2097152}],
    throttleReadIOPSDevice: [{major: $major, minor: $minor, rate: 300}],
    throttleWriteIOPSDevice: [{major: $major, minor: $minor, rate: 400}]}}"
  file io.max "$major:$minor rbps=1048576 wbps=2097152 riops=300 wiops=400"
}

@test "config-linux.md Huge page limits: of use and of reservations" {
  needs hugetlb
  limited '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}'
  file hugetlb.2MB.max 4194304
  deviates crun 'of 1.8 does not limit reservations'
  deviates runc 'of 1.1 does not limit reservations'
  file hugetlb.2MB.rsvd.max 4194304
}

@test "config-linux.md PIDs: limit" {
  needs pids
  limited '{pids: {limit: 33}}'
  file pids.max 33
}

@test "config-linux.md Unified: files by their names, after all else" {
  needs memory
  limited '{memory: {limit: 67108864}, unified: {"memory.high": "50331648", "memory.max": "83886080"}}'
  file memory.high 50331648
  file memory.max 83886080
}

@test "config-linux.md RDMA: handles and objects of a device" {
  needs rdma
  local device
  device=$(basename /sys/class/infiniband/*)
  [ "$device" != '*' ] || skip "there is no RDMA device"
  limited "{rdma: {\"$device\": {hcaHandles: 3, hcaObjects: 10000}}}"
  grep -qx "$device hca_handle=3 hca_object=10000" "$where/rdma.max"
}

@test "update: what is not named stays" {
  needs memory
  needs pids
  limited '{memory: {limit: 67108864}, pids: {limit: 33}, cpu: {quota: 20000, period: 40000}}'
  runtime update --memory 134217728 --memory-swap 134217728 "$(id)"
  file memory.max 134217728
  file memory.swap.max 0
  file pids.max 33
  file cpu.max "20000 40000"
  runtime update --pids-limit 44 "$(id)"
  file pids.max 44
  file memory.max 134217728
  runtime update -r - "$(id)" <<<'{"cpu": {"quota": 10000, "period": 40000}}'
  file cpu.max "10000 40000"
  file pids.max 44
}

@test "update: a new period alone keeps the quota" {
  needs cpu
  deviates runc 'lifts it'
  deviates crun 'lifts it'
  limited '{cpu: {quota: 20000, period: 40000}}'
  runtime update --cpu-period 50000 "$(id)"
  file cpu.max "20000 50000"
}

@test "events: an oom kill is told, and the statistics count it, with the time spent waiting" {
  needs memory
  deviates crun 'has no events'
  config '.process.args = ["sh", "-c", "while [ ! -e /tmp/go ]; do sleep 0.1; done; tail /dev/zero; sleep 600"] |
    .linux.cgroupsPath = "/spec-test/\($id)" | .linux.resources.memory = {limit: 33554432, swap: 33554432}' --arg id "$(id)"
  rm -f "$B/rootfs/tmp/go"
  runtime run -d -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  runtime events --interval 200ms "$(id)" >"$T/events" 2>/dev/null 3>&- &
  local events=$!
  some() { grep -q "\"$1\"" "$T/events"; }
  eventually 60 some stats
  touch "$B/rootfs/tmp/go"
  eventually 60 some oom
  rm "$B/rootfs/tmp/go"
  runtime events --stats "$(id)" | tee "$T/stats"
  jq -e '.data.memory.usage.limit == 33554432 and .data.memory.raw.anon >= 0 and .data.pids.current >= 1 and
    .data.cpu.usage.total > 0' "$T/stats"
  [ "$(runtime_name)" != ctr-runtime ] ||
    jq -e '.data.cpu.psi.some.total >= 0 and .data.memory.psi.full.avg10 >= 0 and .data.memory.usage.failcnt >= 1' "$T/stats"
  runtime delete -f "$(id)"
  wait "$events"
}
