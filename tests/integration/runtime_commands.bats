# ctr-runtime's commands where runc has no such thing, or crun another: see tests/conformance/command_line.bats for what
# all of them have.
# shellcheck disable=SC2016,SC2154  # jq programs; the library's variables
load "$CTR_TEST_LIB"
load "$BATS_TEST_DIRNAME/../conformance/bundle"

setup_file() { make_bundle; }
teardown() { remove_all; }

@test "--pidfd-socket gets a pidfd of the first process, and of exec's" {
  config '.process.args = ["sleep", "600"]'
  receive_pidfd run -d -b "$B" "$(id)"
  [ "$(cat "$T/received")" = "standard $(pid_of "$(id)")" ]
  receive_pidfd exec -d --pid-file "$T/pid" "$(id)" sleep 600
  [ "$(cat "$T/received")" = "setns $(cat "$T/pid")" ]
}
# receive_pidfd COMMAND ARGUMENT…: runs it with a socket, and writes what came: the text and the pidfd's process.
receive_pidfd() {
  local command=$1
  shift
  rm -f "$T/socket" "$T/received"
  python3 -c 'import re, socket, subprocess, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
subprocess.run(sys.argv[3:], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
text, fds, _, _ = socket.recv_fds(listener.accept()[0], 100, 1)
pid = re.search(r"^Pid:\s+(\d+)", open("/proc/self/fdinfo/%d" % fds[0]).read(), re.M).group(1)
print(text.decode(), pid, file=open(sys.argv[2], "w"))' \
    "$T/socket" "$T/received" "$RUNTIME" --root "$T/runtime" "$command" --pidfd-socket "$T/socket" "$@" 3>&-
}

@test "a socket where nobody listens is an error that names it, and nothing is left" {
  config '.process.args = ["sleep", "600"]'
  fails_with 1 "connecting to pidfd socket $T/nosuch" runtime run -d --pidfd-socket "$T/nosuch" -b "$B" "$(id)"
  [ ! -e "$T/runtime/$(id)" ]
}

@test "--config: another file than the bundle's config.json" {
  config '.process.args = ["echo", "other"]'
  mv "$B/config.json" "$T/other.json"
  config '.process.args = ["echo", "usual"]'
  run runtime run -b "$B" --config "$T/other.json" "$(id)" </dev/null
  [ "$output" = other ]
  run runtime run -b "$B" -f "$T/other.json" "$(id)" </dev/null
  [ "$output" = other ]
}

@test "kill and delete --regex take all that match, and no other" {
  for name in a1 a2 b1; do sleeping "$(id $name)"; done
  runtime kill --regex "^$(id a)[12]\$" KILL
  for name in a1 a2; do eventually 5 is_stopped "$(id $name)"; done
  [ "$(status_of "$(id b1)")" = running ]
  runtime delete -r "$(id a)"
  [ "$(runtime list -q)" = "$(id b1)" ]
  fails_with 1 "is not a regular expression" runtime delete --regex '('
}
is_stopped() { [ "$(status_of "$1")" = stopped ]; }

@test "kill takes real-time signals by name" {
  sleeping
  fails_with 1 "unknown signal 'RTMIN+99'" runtime kill "$(id)" RTMIN+99
  fails_with 1 "unknown signal 'RTMIN-1'" runtime kill "$(id)" RTMIN-1
  config '.process.args = ["sh", "-c", "trap \"echo got >/tmp/rt; exit\" 37; touch /tmp/trapped; while :; do sleep 0.05; done"]'
  runtime run -d -b "$B" "$(id b)" </dev/null >/dev/null 2>&1 3>&-
  eventually 5 test -e "$B/rootfs/tmp/trapped"
  runtime kill "$(id b)" SIGRTMIN+3
  eventually 5 grep -q got "$B/rootfs/tmp/rt"
}

@test "--cgroup-manager disabled: no cgroup, and limits are not looked at" {
  config '.process.args = ["sleep", "600"] | .linux.resources = {pids: {limit: 5}, unified: {"no.such": "1"}}'
  runtime --cgroup-manager=disabled run -d -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  [ "$(cat "/proc/$(pid_of "$(id)")/cgroup")" = "$(cat /proc/self/cgroup)" ]
  runtime exec "$(id)" true
  runtime delete -f "$(id)"
  fails_with 1 "unknown 'nosuch'; give cgroupfs or systemd or disabled" runtime --cgroup-manager nosuch list
}

@test "warnings go to --log and not to the container's stderr" {
  config '.process.args = ["true"] | .process.capabilities.bounding += ["CAP_NOSUCH"] | .process.capabilities.permitted += ["CAP_NOSUCH"]'
  run runtime --log "$T/log" --log-format json run -b "$B" "$(id)" </dev/null
  [ "$status" = 0 ]
  [ -z "$output" ]
  [ "$(jq -r .level "$T/log" | sort -u)" = warning ]
  run runtime run -b "$B" "$(id)" </dev/null
  [[ $output == *CAP_NOSUCH* ]]
}

@test "--debug: what was called is in the log, without what could be secret" {
  sleeping
  runtime --debug --log "$T/debug" --log-format json exec -e PASSWORD=secret "$(id)" true secret
  [ "$(jq -r .level "$T/debug" | head -n 1)" = debug ]
  jq -r .msg "$T/debug" | grep -q ": exec $(id)\$"
  [ "$(grep -c secret "$T/debug")" = 0 ]
}

@test "a log file that cannot be written: stderr has it" {
  fails_with 1 "container nonesuch does not exist" runtime --log /no/such/folder/log state nonesuch
}

@test "errors name the object and what to do next" {
  fails_with 1 "ctr-runtime --help lists them" runtime nosuch
  fails_with 1 "did you mean --bundle?; see ctr-runtime run --help" runtime run --bundel "$B" "$(id)"
  fails_with 1 "give text or json" runtime --log-format xml list
  fails_with 1 "give auto or true or false" runtime --rootless maybe list
  config '.process.terminal = true'
  fails_with 1 "give --console-socket" runtime create -b "$B" "$(id)"
  fails_with 1 "give --console-socket" runtime run -d -b "$B" "$(id)"
  sleeping
  fails_with 255 "give --console-socket" runtime exec -d -t "$(id)" true
  fails_with 255 "is not uid or uid:gid" runtime exec -u root "$(id)" true
  fails_with 255 "give the path, 'x'" runtime exec --cgroup memory:x "$(id)" true
  fails_with 1 "remove it first" runtime spec -b "$B"
}

@test "help of each command fits 80 columns, and has usage and an example" {
  local command
  for command in $(runtime --help | sed -n '/^Commands:/,/^Options:/s/^  \([a-z]*\) .*/\1/p'); do
    run runtime "$command" --help
    [ "$status" = 0 ]
    [ "$(wc -L <<<"$output")" -le 80 ]
    [[ ${lines[0]} == "Usage:  ctr-runtime $command"* ]]
    grep -q '^Example:' <<<"$output"
  done
  [ "$(runtime --help | wc -L)" -le 80 ]
  [ "$(runtime help)" = "$(runtime --help)" ]
  [ "$(runtime help run)" = "$(runtime run --help)" ]
  [ "$(runtime --help | wc -l)" -le 50 ]
}
