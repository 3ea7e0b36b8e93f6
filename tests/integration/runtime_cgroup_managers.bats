# Who makes the container's cgroup: the same suite for this library's own manager and for systemd, on a recorded bus (a
# systemd of the tests, which speaks D-Bus and makes real cgroups), straight and over a bus; and disabled.
# shellcheck disable=SC2016,SC2154  # scripts for the container; bats' own variables
load "$CTR_TEST_LIB"
load ../conformance/bundle

setup_file() {
  [ "$(runtime_name)" = ctr-runtime ] || skip "these are options of ours"
  make_bundle
  # What listens below the machine's /run is not to be found.
  mkdir -p "$T/fake-run/systemd" "$T/fake-run/dbus"
  mount --bind "$T/fake-run" /run
}
teardown_file() { umount -l /run 2>/dev/null || true; }
setup() { rm -f "$T/record"; }
teardown() {
  remove_all
  if [ -n "${fake-}" ]; then kill "$fake" 2>/dev/null || true; fi
  rm -f /run/systemd/private /run/dbus/system_bus_socket
  find /sys/fs/cgroup/box.slice /sys/fs/cgroup/box -depth -type d -exec rmdir {} + 2>/dev/null || true
}

# use MANAGER: cgroupfs, systemd-private, systemd-bus.
use() {
  manager=${1%-*} where=/sys/fs/cgroup/box/$(id) path=/box/$(id)
  [ "$manager" = systemd ] || return 0
  where=/sys/fs/cgroup/box.slice/box-in.slice/ctr-$(id).scope path=box-in.slice:ctr:$(id)
  local socket=/run/systemd/private
  [ "$1" = systemd-private ] || socket=/run/dbus/system_bus_socket
  "$BATS_TEST_DIRNAME/fake-systemd" "$socket" "$T/record" "${1#*-}" 3>&- &
  fake=$!
  eventually 20 test -S "$socket"
}
managed() { "$RUNTIME" --root "$T/runtime" --cgroup-manager "$manager" "$@"; }
waiting() { script 'trap "exit 0" TERM; while :; do sleep 0.1; done' '.linux.cgroupsPath = $path | '"${1-.}" --arg path "$path"; }
start_one() { managed run -d -b "$B" "$(id)" </dev/null >"$T/out" 2>&1 3>&- || { cat "$T/out"; return 1; }; }
stopped() { [ "$(status_of "$(id)")" = stopped ]; }
# calls METHOD: its recorded calls.
calls() { jq -c "select(.method == \"$1\")" "$T/record"; }
properties() { calls "$1" | jq -c --arg name "$2" '.arguments[2][] | select(.[0] == $name) | .[1]'; }

each_manager() {
  local one
  for one in cgroupfs systemd-private systemd-bus; do
    echo "# $one"
    use "$one"
    "$1"
    teardown
    setup
  done
}

lives_and_goes() {
  waiting
  start_one
  [ -d "$where" ]
  grep -qx "$(pid_of "$(id)")" "$where/cgroup.procs"
  managed exec "$(id)" sh -c 'cat /proc/self/cgroup' >"$T/out" </dev/null
  cat "$T/out"
  grep -qx '0::/' "$T/out" # the container's own cgroup is the root of its namespace
  managed pause "$(id)"
  [ "$(status_of "$(id)")" = paused ]
  managed resume "$(id)"
  managed delete --force "$(id)"
  [ ! -e "$where" ]
}
@test "a container is in its cgroup, its exec too, it is paused, and it leaves nothing" {
  each_manager lives_and_goes
}

failing_leaves_nothing() {
  waiting '.process.args = ["/etc/passwd"]'
  run managed run -b "$B" "$(id)"
  echo "$output"
  [ "$status" = 126 ]
  [ ! -e "$where" ]
  waiting '.mounts += [{"destination": "/x", "type": "bind", "source": "/does/not/exist", "options": ["bind"]}]'
  run managed run -b "$B" "$(id)"
  [ "$status" != 0 ]
  [ ! -e "$where" ]
}
@test "a start that fails leaves no cgroup" {
  each_manager failing_leaves_nothing
}

limits_are_written() {
  grep -qw hugetlb /sys/fs/cgroup/cgroup.controllers || return 0
  waiting '.linux.resources.hugepageLimits = [{"pageSize": "2MB", "limit": 4194304}]'
  start_one
  [ "$(cat "$where/hugetlb.2MB.max")" = 4194304 ]
  [ "$(cat "$where/hugetlb.2MB.rsvd.max")" = 4194304 ]
  echo '{"hugepageLimits": [{"pageSize": "2MB", "limit": 6291456}]}' | managed update -r - "$(id)"
  [ "$(cat "$where/hugetlb.2MB.max")" = 6291456 ]
  managed delete --force "$(id)"
}
@test "limits are written, and updated" {
  each_manager limits_are_written
}

missing_controllers_are_named() {
  grep -qw memory /sys/fs/cgroup/cgroup.controllers && return 0
  waiting '.linux.resources.memory = {"limit": 67108864, "swap": 67108864}'
  run managed run -b "$B" "$(id)"
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == *"memory.limit needs the memory controller"* ]]
  [ ! -e "$where" ]
}
@test "a limit whose controller is missing is named, and nothing is left" {
  each_manager missing_controllers_are_named
}

@test "systemd: the scope is asked for with its process, its slice, and delegation" {
  use systemd-bus
  waiting
  start_one
  [ "$(jq -r '.method' "$T/record" | paste -sd' ')" = "Hello AddMatch Subscribe Get StartTransientUnit" ]
  [ "$(calls StartTransientUnit | jq -c '.arguments[:2]')" = "[\"ctr-$(id).scope\",\"fail\"]" ]
  [ "$(properties StartTransientUnit Slice | jq -r .value)" = box-in.slice ]
  [ "$(properties StartTransientUnit Delegate)" = '{"signature":"b","value":true}' ]
  [ "$(properties StartTransientUnit PIDs)" = "{\"signature\":\"au\",\"value\":[$(pid_of "$(id)")]}" ]
  [ "$(properties StartTransientUnit CollectMode | jq -r .value)" = inactive-or-failed ]
  managed delete --force "$(id)"
  [ "$(calls StopUnit | jq -c '.arguments')" = "[\"ctr-$(id).scope\",\"replace\"]" ]
  [ "$(calls ResetFailedUnit | jq -c '.arguments')" = "[\"ctr-$(id).scope\"]" ]
}

@test "systemd: device rules and annotations become properties" {
  use systemd-private
  waiting '.annotations = {"org.systemd.property.TimeoutStopSec": "uint64 7", "org.systemd.property.Before": "[\"a.service\"]"} |
    .linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 10, minor: 200, access: "rw"}]'
  start_one
  [ "$(properties StartTransientUnit TimeoutStopUSec)" = '{"signature":"t","value":7000000}' ]
  [ "$(properties StartTransientUnit Before)" = '{"signature":"as","value":["a.service"]}' ]
  [ "$(properties StartTransientUnit DevicePolicy | jq -r .value)" = strict ]
  [ "$(properties StartTransientUnit DeviceAllow | jq -c '.value[] | select(.[0] == "/dev/char/10:200")')" = '["/dev/char/10:200","rw"]' ]
  [ "$(properties StartTransientUnit DeviceAllow | jq -c '.value[] | select(.[0] == "char-pts")')" = '["char-pts","rwm"]' ]
}

@test "systemd: what it refuses is told in its words, and nothing is left" {
  use systemd-private
  waiting '.annotations = {"org.systemd.property.Refuse": "true"}'
  run managed run -b "$B" "$(id)"
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == *"StartTransientUnit: Cannot set property Refuse"* ]]
  [ ! -e "$where" ]
  fails_with 1 "does not exist" runtime state "$(id)"
}

@test "systemd: without one, and for a path of another form, there is an error that says what to do" {
  manager=systemd path=system.slice:ctr:$(id)
  waiting
  fails_with 1 "use --cgroup-manager cgroupfs" managed run -b "$B" "$(id)"
  path=/box/$(id)
  waiting
  fails_with 1 "slice:prefix:name" managed run -b "$B" "$(id)"
  manager=cgroupfs path=system.slice:ctr:$(id)
  waiting
  fails_with 1 "--systemd-cgroup" managed run -b "$B" "$(id)"
}

@test "systemd: a container whose unit is gone already is deleted all the same" {
  use systemd-private
  waiting
  start_one
  managed kill "$(id)" KILL
  eventually 20 stopped
  # As systemd does with an empty scope.
  kill "$fake"
  rm -f /run/systemd/private
  rmdir "$where"
  use systemd-private
  managed delete "$(id)"
  fails_with 1 "does not exist" runtime state "$(id)"
}

@test "systemd: killed at any word to or from it, create leaves what delete --force clears" {
  use systemd-bus
  waiting
  local call step code
  for call in sendto recvfrom; do
    for step in $(seq 40); do
      code=0
      # The first line of the trace is the command's own.
      strace -o "$T/trace" -e "trace=$call" -e "inject=$call:signal=KILL:when=$step" "$RUNTIME" --root "$T/runtime" \
        --cgroup-manager systemd create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&- || code=$?
      managed delete --force "$(id)"
      [ ! -e "$where" ]
      fails_with 1 "does not exist" runtime state "$(id)"
      [ "$code" != 0 ] || break
    done
    echo "$call: $step steps"
    # It came through at last, and was killed at least so often: as it says who it is, asks where and makes its scope.
    [ "$code" = 0 ] && [ "$step" -gt 5 ]
  done
  [ -n "$(calls StopUnit)" ]
}

@test "disabled: no cgroup is made, limits are not looked at, and what needs a cgroup is refused" {
  manager=disabled path=/box/$(id) where=/sys/fs/cgroup/box
  waiting '.linux.resources.memory.limit = 67108864'
  start_one
  [ ! -e "$where" ]
  [ "$(status_of "$(id)")" = running ]
  [ "$(grep ^0:: "/proc/$(pid_of "$(id)")/cgroup")" = "$(grep ^0:: /proc/self/cgroup)" ]
  managed exec "$(id)" true </dev/null
  for command in pause "update --memory 1m" "events --stats" "ps"; do
    # shellcheck disable=SC2086  # some are two words
    fails_with 1 "without a cgroup" managed $command "$(id)"
  done
  managed kill "$(id)" TERM
  eventually 20 stopped
  managed delete "$(id)"
}
