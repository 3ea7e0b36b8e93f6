# Containers as scopes of a real systemd. Runs on runc and crun too (RUNTIME=/path). tests/vm/run-systemd starts it.
# shellcheck disable=SC2016,SC2154  # scripts for the container; bats' own variables
load "$CTR_TEST_LIB"
load ../../conformance/bundle

setup_file() {
  [ "$(cat /proc/1/comm)" = systemd ] || skip "only where systemd is pid 1"
  make_bundle
  # crun knows no way but the bus.
  [ "$(runtime_name)" = ctr-runtime ] || systemctl start dbus.socket dbus.service
}
setup() {
  unit=box-$(id).scope
  group=/sys/fs/cgroup/test.slice/test-deep.slice/$unit
}
teardown() {
  [ ! -e /run/systemd/private.off ] || mv /run/systemd/private.off /run/systemd/private
  remove_all
  systemctl stop test.slice 2>/dev/null || true
}

runtime() { "$RUNTIME" --root "$T/runtime" --systemd-cgroup "$@"; }
# waiting RESOURCES: a bundle whose container waits.
waiting() {
  config '.process.args = ["sleep", "600"] | .linux.cgroupsPath = $path | .linux.resources = '"${1-{\}}" \
    --arg path "test-deep.slice:box:$(id)"
}
start_one() { runtime run -d -b "$B" "$(id)" </dev/null >"$T/out" 2>&1 3>&- || { cat "$T/out"; return 1; }; }
shown() { systemctl show --value -p "$1" "$unit"; }
gone() { [ "$(shown LoadState)" = not-found ] && [ ! -e "$group" ]; }
stopped() { [ "$(status_of "$(id)")" = stopped ]; }
active() { [ "$(shown ActiveState)" = active ]; }
content() { cat "$group/$1"; }

@test "a container is a scope in its slices, delegated, and both are gone with it" {
  deviates crun 'puts it into a child of its scope'
  waiting
  start_one
  [ "$(shown ActiveState)" = active ]
  [ "$(shown Slice)" = test-deep.slice ]
  [ "$(shown ControlGroup)" = "/test.slice/test-deep.slice/$unit" ]
  [ "$(shown Delegate)" = yes ]
  grep -qx "$(pid_of "$(id)")" "$group/cgroup.procs"
  runtime exec "$(id)" cat /proc/self/cgroup </dev/null | grep -qx '0::/'
  runtime delete -f "$(id)"
  [ ! -e "$group" ]
  [ "$(shown LoadState)" = not-found ]
}

limited() {
  waiting '{memory: {limit: 67108864, reservation: 33554432, swap: 100663296}, pids: {limit: 77},
    cpu: {shares: 512, quota: 25000, period: 50000, cpus: "0", mems: "0"},
    unified: {"memory.high": "60000000"},
    devices: [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "r"}]}'
  start_one
}
limits_stand() {
  [ "$(content memory.max)" = 67108864 ]
  [ "$(content memory.low)" = 33554432 ]
  [ "$(content pids.max)" = 77 ]
  [ "$(content cpu.max)" = "25000 50000" ]
  [ "$(content cpuset.cpus)" = 0 ]
  [ "$(content memory.high)" = 59998208 ] # whole pages
}

@test "limits are properties of the unit and contents of the files" {
  deviates crun 'puts it into a child of its scope'
  limited
  limits_stand
  [ "$(shown MemoryMax)" = 67108864 ]
  [ "$(shown MemoryLow)" = 33554432 ]
  [ "$(shown TasksMax)" = 77 ]
  [ "$(shown CPUQuotaPerSecUSec)" = 500ms ]
  [ "$(shown CPUWeight)" = "$(content cpu.weight)" ]
  [ "$(shown AllowedCPUs)" = 0 ]
  [ "$(shown MemoryHigh)" = 60000000 ] || [ "$(shown MemoryHigh)" = 59998208 ]
  [ "$(shown DevicePolicy)" = strict ]
}

# systemd writes the files of a unit anew after it.
reload() {
  systemctl daemon-reload
  systemctl set-property --runtime test-deep.slice TasksMax=5000
  systemctl set-property --runtime "$unit" CPUWeight=77
}

@test "daemon-reload and a change by somebody else take no limit away" {
  deviates crun 'puts it into a child of its scope'
  limited
  reload
  limits_stand
  [ "$(content cpu.weight)" = 77 ]
}

@test "daemon-reload takes no device rule away" {
  waiting '{devices: [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "r"}]} |
    .linux.devices = [{type: "c", path: "/dev/kmsg", major: 1, minor: 11}, {type: "c", path: "/dev/mem", major: 1, minor: 1}]'
  start_one
  opens() { runtime exec "$(id)" sh -c "exec 5<$1" </dev/null; }
  opens /dev/kmsg
  if opens /dev/mem; then false; fi
  reload
  opens /dev/kmsg
  if opens /dev/mem; then false; fi
}

@test "update: unit and files change, and stay so" {
  deviates crun 'puts it into a child of its scope'
  limited
  runtime update --memory 134217728 --memory-swap 134217728 --pids-limit 55 --cpu-quota 10000 --cpu-period 50000 "$(id)"
  changed() {
    [ "$(content memory.max)" = 134217728 ]
    [ "$(content pids.max)" = 55 ]
    [ "$(content cpu.max)" = "10000 50000" ]
  }
  changed
  [ "$(shown MemoryMax)" = 134217728 ]
  [ "$(shown TasksMax)" = 55 ]
  [ "$(shown CPUQuotaPerSecUSec)" = 200ms ]
  run runtime update -r - "$(id)" <<<'{"memory": {"limit": 4096, "checkBeforeUpdate": true}}'
  [ "$(runtime_name)" != ctr-runtime ] || [ "$(shown MemoryMax)" = 134217728 ]
  reload
  changed
}

@test "a container that ends, however, leaves no unit behind" {
  local code
  for code in 0 3; do
    waiting
    jq --arg code "$code" '.process.args = ["sh", "-c", "exit " + $code]' "$B/config.json" >"$T/config" && cp "$T/config" "$B/config.json"
    run runtime run -b "$B" "$(id)"
    echo "$output"
    [ "$status" = "$code" ]
    eventually 20 gone
  done
}

@test "systemctl stop of the scope ends the container" {
  waiting
  start_one
  systemctl stop "$unit"
  eventually 20 stopped
  runtime delete "$(id)"
}

@test "an id whose unit is there already is an error, and the other lives on" {
  systemd-run --scope --slice test-deep.slice --unit "$unit" sleep 600 </dev/null >/dev/null 2>&1 3>&- &
  eventually 20 active
  waiting
  run runtime run -b "$B" "$(id)"
  echo "$output"
  [ "$status" != 0 ]
  [ "$(shown ActiveState)" = active ]
  systemctl stop "$unit"
}

@test "a limit that this kernel does not have leaves no unit" {
  waiting '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}'
  run runtime run -b "$B" "$(id)"
  echo "$output"
  [ "$status" != 0 ]
  [[ $output == *hugetlb* ]]
  eventually 20 gone
  [ ! -e "$group" ]
}

@test "pause and resume" {
  waiting
  start_one
  runtime pause "$(id)"
  [ "$(status_of "$(id)")" = paused ]
  [ "$(awk '$1 == "frozen" {print $2}' "$group/cgroup.events")" = 1 ]
  runtime resume "$(id)"
  [ "$(status_of "$(id)")" = running ]
}

@test "over a bus too" {
  [ -e /lib/systemd/system/dbus.socket ] && command -v dbus-daemon >/dev/null || skip "there is no dbus-daemon"
  systemctl start dbus.socket dbus.service
  # systemctl itself takes the other way, so that it is there again when it is needed.
  on_the_bus() { busctl --system call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.DBus.Peer Ping; }
  eventually 20 on_the_bus
  mv /run/systemd/private /run/systemd/private.off
  limited
  limits_stand
  runtime delete -f "$(id)"
  [ ! -e "$group" ]
  mv /run/systemd/private.off /run/systemd/private
  systemctl stop dbus.socket dbus.service
}
