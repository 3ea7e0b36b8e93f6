# runtime-spec 1.3.0, config-linux.md "Network Devices": interfaces of this file's own network namespace.
load "$CTR_TEST_LIB"
load bundle

setup_file() { make_bundle; }
setup() {
  deviates runc "does not know netDevices" # 1.1.5
  deviates crun "does not know netDevices" # 1.8.1
  ip link add probe type veth peer name probe-end 2>/dev/null || skip "this kernel has no veth interfaces"
  ip link del probe
}

# device NAME OPTION…: an interface whose other end is up.
device() {
  local name=$1
  shift
  ip link add "$name" "$@" type veth peer name "$name-end"
  ip link set "$name-end" up
}
teardown() {
  remove_all
  for name in aone one two moved; do ip link del "$name" 2>/dev/null || true; done
}

look='ip addr; ip route'

@test "netDevices: moved under its name, with its permanent global addresses, its mtu and its hardware address, and up" {
  device one address 02:00:00:00:00:01 mtu 1400
  ip addr add 10.9.8.7/24 brd 10.9.8.255 dev one
  ip addr add 10.9.8.8/24 dev one
  ip addr add 169.254.1.1/16 scope link dev one
  ip -6 addr add fd00:9::7/64 dev one nodad 2>/dev/null || true
  script "$look" '.linux.netDevices = {"one": {}}'
  run run_bundle
  echo "$output"
  [ "$status" = 0 ]
  [[ $output =~ one(@[^:]*)?:\ \<[A-Z_,-]*,UP[A-Z_,-]*\>\ mtu\ 1400 ]]
  [[ $output == *"02:00:00:00:00:01"* ]]
  [[ $output == *"inet 10.9.8.7/24 brd 10.9.8.255 scope global one"* ]]
  [[ $output == *"inet 10.9.8.8/24"* ]]
  [[ $output != *"169.254.1.1"* ]]
  [[ $output == *"10.9.8.0/24 dev one"* ]]
  [ ! -d /proc/sys/net/ipv6 ] || [[ $output == *"fd00:9::7/64"* ]]
  # A virtual device ends with the container's network namespace.
  run ip link show one
  [ "$status" != 0 ]
}

@test "netDevices: under another name, and under the first free number of a template" {
  device one
  device two
  ip addr add 10.9.7.1/24 dev two
  script "$look" '.linux.netDevices = {"one": {"name": "eth0"}, "two": {"name": "eth%d"}}'
  run run_bundle
  echo "$output"
  [ "$status" = 0 ]
  [[ $output =~ \ eth0[@:] ]]
  [[ $output =~ \ eth1[@:] ]]
  [[ $output == *"inet 10.9.7.1/24 scope global eth1"* ]]
}

@test "netDevices: into a network namespace that is joined; createRuntime hooks see it there" {
  device one
  config '.process.args = ["sleep", "600"]'
  runtime run -d -b "$B" "$(id holder)" </dev/null >/dev/null 2>&1 3>&-
  local pid
  pid=$(pid_of "$(id holder)")
  script 'ip link' ".linux.netDevices = {\"one\": {\"name\": \"moved\"}} |
    .linux.namespaces |= map(if .type == \"network\" then .path = \"/proc/$pid/ns/net\" else . end) |
    .hooks.createRuntime = [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"ip link show one >$T/seen 2>&1; true\"], \"env\": [\"PATH=/sbin:/usr/sbin:/bin:/usr/bin\"]}]"
  run run_bundle
  echo "$output"
  [ "$status" = 0 ]
  [[ $output =~ \ moved[@:] ]]
  grep -q "does not exist" "$T/seen"
  # It lives as long as the namespace does.
  nsenter -t "$pid" -n ip link show moved
}

@test "netDevices: what cannot be moved is an error, and nothing else is moved" {
  device one
  ip addr add 10.9.6.1/24 dev one
  script true '.linux.netDevices = {"one": {}, "two": {}}'
  fails_with 1 "there is no network device two" run_bundle
  script true '.linux.netDevices = {"one": {"name": "lo"}}'
  fails_with 1 "has a device lo already" run_bundle
  script true '.linux.netDevices = {"lo": {"name": "other"}, "one": {"name": "another"}}'
  fails_with 1 "moving network device lo" run_bundle
  script true '.linux.netDevices = {"one": {}} | .linux.namespaces |= map(select(.type != "network"))'
  fails_with 1 "needs a network namespace" run_bundle
  script true '.linux.netDevices = {"one": {}} |
    .linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)'
  fails_with 1 "is our own" run_bundle
  ip addr show one | grep -q 10.9.6.1/24
}

@test "netDevices: where one fails those before it are moved back" {
  device aone
  ip addr add 10.9.5.1/24 dev aone
  # In the order of their names: the second is one that the kernel lets nobody move.
  script true '.linux.netDevices = {"aone": {}, "lo": {"name": "other"}}'
  fails_with 1 "moving network device lo" run_bundle
  ip addr show aone | grep -q 10.9.5.1/24
}
