# runtime-spec, config.md, config-linux.md, bundle.md and runtime.md: values that are wrong, left out or at an edge.
# shellcheck disable=SC2154  # the library's variables
load "$CTR_TEST_LIB"
load bundle

setup_file() { make_bundle; }
setup() { rm -f "$B"/rootfs/tmp/*; }
teardown() { remove_all; }

# refused FILTER [JQ-ARGUMENT…]: an error, and the program does not run.
refused() {
  script 'touch /tmp/ran' "$@"
  run run_bundle
  echo "$output"
  [ "$status" != 0 ] || { echo "taken: $1"; return 1; }
  [ ! -e "$B/rootfs/tmp/ran" ] || { echo "has run: $1"; return 1; }
  runtime delete -f "$(id)" >/dev/null 2>&1 || true
}

@test "bundle.md: config.json stands in the bundle's folder, by that name" {
  script 'echo ran'
  mkdir -p "$T/other"
  mv "$B/config.json" "$B/other.json"
  run run_bundle
  [ "$status" != 0 ]
  run runtime run -b "$T/other" "$(id)" </dev/null
  [ "$status" != 0 ]
  run runtime run -b "$T/no/such/bundle" "$(id)" </dev/null
  [ "$status" != 0 ]
  mv "$B/other.json" "$B/config.json"
  # Without --bundle it is the caller's folder.
  cd "$B"
  run runtime run "$(id)" </dev/null
  [ "$output" = ran ]
}

@test "config.md Root: by an absolute path, and by one below the bundle" {
  script 'echo ran' '.root.path = $path' --arg path "$B/rootfs"
  run run_bundle
  [ "$output" = ran ]
  mkdir -p "$B/deep/er"
  ln -sfn ../../rootfs "$B/deep/er/root"
  mount --bind "$B/rootfs" "$B/deep/er" || skip "no mounts here"
  script 'echo ran' '.root.path = "deep/er"'
  run run_bundle
  umount "$B/deep/er"
  [ "$output" = ran ]
}

@test "config.md Root: a folder that is not there is an error" {
  refused '.root.path = "nonesuch"'
  refused '.root.path = "config.json"'
}

@test "config.md Mounts: a bind mount's relative source is below the bundle" {
  mkdir -p "$B/beside"
  echo content >"$B/beside/file"
  script 'cat /mnt/file' '.mounts += [{destination: "/mnt", type: "bind", source: "beside", options: ["bind"]}]'
  cd /
  run run_bundle
  echo "$output"
  [ "$output" = content ]
}

@test "config.md Process: without a command, create or start is an error" {
  refused '.process.args = []'
  refused 'del(.process.args)'
}

@test "config.md Process: the program is looked up in the PATH of its environment" {
  mkdir -p "$B/rootfs/own"
  printf '#!/bin/sh\necho own "$0"\n' >"$B/rootfs/own/program"
  chmod 755 "$B/rootfs/own/program"
  config '.process.args = ["program"] | .process.env = ["PATH=/nonesuch:/own"]'
  run run_bundle
  [ "$output" = "own /own/program" ]
  config '.process.args = ["program"]'
  run run_bundle
  [ "$status" != 0 ]
}

@test "config.md Process: the environment is the spec's, and nothing of the caller's" {
  config '.process.args = ["env"] | .process.env += ["EMPTY=", "TWICE=a=b"]'
  HOSTILE=inherited run run_bundle
  [[ $output != *HOSTILE* ]]
  [ "$(grep -c "^EMPTY=$" <<<"$output")" = 1 ]
  [ "$(grep -c "^TWICE=a=b$" <<<"$output")" = 1 ]
}

@test "config.md Process: consoleSize without a terminal is ignored" {
  script 'test -t 0 || echo none' '.process.consoleSize = {"height": 10, "width": 20}'
  run run_bundle
  [ "$output" = none ]
}

@test "config.md Process: a cwd that is not there is made, a file there is an error" {
  script 'pwd' '.process.cwd = "/made/for/it"'
  run run_bundle
  [ "$output" = /made/for/it ]
  rm -r "$B/rootfs/made"
  refused '.process.cwd = "/etc/passwd"'
}

@test "config.md POSIX process: a limit that no kernel knows is an error" {
  refused '.process.rlimits = [{"type": "RLIMIT_NOSUCH", "soft": 1, "hard": 1}]'
}

@test "config.md POSIX process: a soft limit above the hard one is an error" {
  refused '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 200, "hard": 100}]'
}

@test "config.md Capabilities: one that cannot be given is a warning" {
  deviates crun "leaves it out without a word"
  script 'grep CapEff /proc/self/status' '.process.capabilities |= map_values(. + ["CAP_NO_SUCH"])'
  run run_bundle
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *0000000000000021* ]]
  [[ $output == *CAP_NO_SUCH* ]]
}

@test "config.md Linux Process: without oomScoreAdj it is the caller's" {
  script 'cat /proc/self/oom_score_adj'
  echo 333 >/proc/self/oom_score_adj
  run run_bundle
  [ "${lines[0]}" = 333 ]
  sleeping
  [ "$(cat "/proc/$(pid_of "$(id)")/oom_score_adj")" = 333 ]
}

@test "config.md Domainname: set in the container alone" {
  deviates runc "does not know it before 1.2"
  script 'cat /proc/sys/kernel/domainname' '.domainname = "example.test"'
  run run_bundle
  [ "$output" = example.test ]
  [ "$(cat /proc/sys/kernel/domainname)" != example.test ]
}

@test "config.md Annotations: unknown and empty ones are no error, and state tells them" {
  sleeping "$(id)" '.annotations = {"org.nobody.knows": "", "com.example.x": "y z"}'
  run runtime state "$(id)"
  [ "$(jq -c '.annotations | [.["org.nobody.knows"], .["com.example.x"]]' <<<"$output")" = '["","y z"]' ]
}

@test "config.md Annotations: a value that is no string is an error" {
  refused '.annotations = {"x": 1}'
}

@test "config.md Valid values: what a known property cannot be is an error" {
  refused '.linux.namespaces += [{"type": "nosuch"}]'
  refused '.linux.seccomp = {"defaultAction": "SCMP_ACT_NOSUCH"}'
}

@test "config.md Valid values: wrong types, and other propagations, are errors" {
  deviates crun "passes over what it does not understand"
  refused '.linux.rootfsPropagation = "nosuch"'
  refused '.process.user.uid = "root"'
  refused '.mounts = "none"'
  refused '.process.env = "A=b"'
  refused '.process.terminal = "false"'
  refused '.root.readonly = "yes"'
}

@test "config-linux.md Namespaces: a relative path is an error" {
  cd /proc/self/ns
  refused '.linux.namespaces |= map(if .type == "network" then .path = "net" else . end)'
}

@test "config-linux.md Namespaces: what is joined is not made anew, and a file of no namespace is an error" {
  refused '.linux.namespaces |= map(if .type == "ipc" then .path = "/no/such/file" else . end)'
}

@test "config-linux.md Devices: another kind of file at the path is an error, the same device is kept" {
  deviates runc "binds over it"
  deviates crun "leaves what is there"
  mkdir -p "$T/devices"
  touch "$T/devices/mine"
  refused '.mounts += [{destination: "/dev/own", type: "bind", source: $source, options: ["bind"]}] |
    .linux.devices = [{"path": "/dev/own/mine", "type": "c", "major": 1, "minor": 5}]' --arg source "$T/devices"
  rm "$T/devices/mine"
  mknod "$T/devices/mine" c 1 5
  script 'stat -c "%F %t:%T" /dev/own/mine' '.mounts += [{destination: "/dev/own", type: "bind", source: $source, options: ["bind"]}] |
    .linux.devices = [{"path": "/dev/own/mine", "type": "c", "major": 1, "minor": 5}]' --arg source "$T/devices"
  run run_bundle
  [ "$output" = "character special file 1:5" ]
}

@test "config-linux.md Seccomp: calls that the kernel does not know are passed over" {
  grep -q ^Seccomp: /proc/self/status || skip "no seccomp in this kernel"
  script 'echo ran' '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["no_such_call", "kexec_load"], "action": "SCMP_ACT_ERRNO"}]}'
  run run_bundle
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *ran* ]]
}

@test "config-linux.md Seccomp: a rule without a name is an error" {
  deviates runc "takes it"
  deviates crun "takes it"
  grep -q ^Seccomp: /proc/self/status || skip "no seccomp in this kernel"
  refused '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [], "action": "SCMP_ACT_ERRNO"}]}'
}

@test "runtime-linux.md File descriptors: LISTEN_FDS passes sockets, renumbered for the program" {
  script 'ls /proc/self/fd | wc -l; echo $LISTEN_FDS $LISTEN_PID; cat <&3' '.'
  echo socket >"$T/socket"
  run timeout 60 sh -c 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<"$0"' "$T/socket" "$RUNTIME" --root "$T/runtime" run -b "$B" \
    "$(id)" </dev/null
  echo "$output"
  [ "${lines[0]}" = 5 ]
  [[ ${lines[1]} == 1* ]]
  [ "${lines[2]}" = socket ]
}

@test "runtime.md Create: an id that is no name is an error, and nothing is made" {
  deviates crun "takes one that holds a slash"
  script 'touch /tmp/ran'
  find "$T" -maxdepth 1 ! -name runtime | sort >"$B/before"
  local id
  for id in '' . .. ../outside a/b '/abs' 'a b' "$(printf 'x%.0s' $(seq 1100))"; do
    # Not by bats' run: a container that is made would hold its pipe.
    status=0
    timeout 20 "$RUNTIME" --root "$T/runtime" create -b "$B" "$id" </dev/null >/dev/null 2>&1 3>&- || status=$?
    [ "$status" != 0 ] && [ "$status" != 124 ] || { echo "taken: '$id'"; return 1; }
  done
  find "$T" -maxdepth 1 ! -name runtime | sort | diff "$B/before" -
  [ ! -e "$B/rootfs/tmp/ran" ]
}

@test "runtime.md: each operation without an id is an error" {
  for operation in state create start kill delete; do
    run runtime $operation </dev/null 3>&-
    [ "$status" != 0 ]
  done
}

@test "runtime.md Kill: one that is created can be killed, and is stopped then" {
  script 'touch /tmp/ran'
  runtime create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  runtime kill "$(id)" KILL
  eventually 5 stopped
  run runtime start "$(id)"
  [ "$status" != 0 ]
  [ ! -e "$B/rootfs/tmp/ran" ]
  runtime delete "$(id)"
}
stopped() { [ "$(status_of "$(id)")" = stopped ]; }

@test "runtime.md Kill: signals by number, name and SIG-name" {
  sleeping
  for signal in 0 URG SIGURG; do runtime kill "$(id)" $signal || [ $signal = 0 ]; done
  [ "$(status_of "$(id)")" = running ]
  runtime kill "$(id)" 9
  eventually 5 stopped
}

@test "runtime.md Delete: one that is created is not stopped: an error, without any effect" {
  deviates runc "ends and deletes it"
  deviates crun "ends and deletes it"
  config '.process.args = ["sleep", "600"]'
  runtime create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  run runtime delete "$(id)"
  [ "$status" != 0 ]
  [ "$(status_of "$(id)")" = created ]
  runtime start "$(id)"
  [ "$(status_of "$(id)")" = running ]
}

@test "runtime.md State: stopped once the program has ended, by itself or killed" {
  config '.process.args = ["true"]'
  runtime run -d -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  eventually 5 stopped
  run runtime state "$(id)"
  [ "$(jq -r '.pid // 0' <<<"$output")" = 0 ]
}

@test "runtime.md Lifecycle: a killed first process takes all others of its pid namespace along" {
  script 'sleep 600 & sleep 601 & wait'
  runtime run -d -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  eventually 5 two
  runtime kill "$(id)" KILL
  eventually 5 none
  runtime delete "$(id)"
}
two() { [ "$(cat /sys/fs/cgroup/"$(id)"/cgroup.procs /sys/fs/cgroup/*/"$(id)"/cgroup.procs 2>/dev/null | wc -l)" = 3 ]; }
none() { [ "$(cat /sys/fs/cgroup/"$(id)"/cgroup.procs /sys/fs/cgroup/*/"$(id)"/cgroup.procs 2>/dev/null | wc -l)" = 0 ]; }

@test "exec: an error for what is not there, created is fine, stopped is not" {
  run runtime exec nonesuch true
  [ "$status" != 0 ]
  config '.process.args = ["sleep", "600"]'
  runtime create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  run runtime exec "$(id)" echo inside
  [ "$output" = inside ]
  runtime start "$(id)"
  runtime kill "$(id)" KILL
  eventually 5 stopped
  run runtime exec "$(id)" echo inside
  [ "$status" != 0 ]
}

@test "exec: a --process file, a pid file, stdin and the signal that ended it" {
  sleeping
  jq '.process | .args = ["sh", "-c", "cat; echo $A; pwd; id -u"] | .env += ["A=b"] | .cwd = "/home" | .user.uid = 7' \
    "$B/base.json" >"$T/process.json"
  run runtime exec --pid-file "$T/pid" --process "$T/process.json" "$(id)" <<<"from stdin"
  [ "$(xargs <<<"$output")" = "from stdin b /home 7" ]
  [ "$(cat "$T/pid")" -gt 1 ]
  run runtime exec "$(id)" sh -c 'kill -9 $$'
  [ "$status" = 137 ]
}
