# runtime-spec, config-linux.md "Seccomp": every action, arguments, flags, architectures, and a listener.
load "$CTR_TEST_LIB"
load bundle

AGENT=$(dirname "$BATS_TEST_FILENAME")/../runtime/seccomp_listener.py

setup_file() {
  grep -q ^Seccomp: /proc/self/status || skip "no seccomp in this kernel"
  make_bundle
}
teardown() {
  remove_all
  [ ! -e "$T/agent.pid" ] || kill "$(cat "$T/agent.pid")" 2>/dev/null || true
  rm -f "$T/agent.pid" "$T/socket"* "$T/state.json"
  rm -rf "$B"/rootfs/tmp/*
}

# profile RULES [FILTER]: allows all but RULES.
profile() {
  script "exec 2>&1; $1" ".linux.seccomp = {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": $2} | ${3:-.}"
}

listen() {
  command -v python3 >/dev/null || skip "no python3"
  python3 "$AGENT" "$T/socket" "$T/state.json" 3>&- >"$T/agent.out" 2>&1 &
  echo $! >"$T/agent.pid"
  eventually 10 test -e "$T/socket.ready"
}

@test "Seccomp: SCMP_ACT_ERRNO with errnoRet and without, defaultErrnoRet" {
  profile 'mkdir /tmp/a; rmdir /tmp' '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
    {"names": ["rmdir", "unlinkat"], "action": "SCMP_ACT_ERRNO"}]'
  run run_bundle
  [[ ${lines[0]} == *"No space left"* ]]
  [[ ${lines[1]} == *"not permitted"* ]]
  [ "$(runtime_name)" != runc ] || return 0 # 1.1 takes an errno for an action that has none
  [ "$(runtime_name)" != crun ] || return 0 # as does crun
  profile 'mkdir /tmp/a' '[]' '.linux.seccomp.defaultErrnoRet = 1'
  run run_bundle
  [ "$status" != 0 ]
}

@test "Seccomp: the killing actions end the process by SIGSYS, SCMP_ACT_TRAP sends it" {
  for action in SCMP_ACT_KILL SCMP_ACT_KILL_THREAD SCMP_ACT_KILL_PROCESS SCMP_ACT_TRAP; do
    profile 'mkdir /tmp/a; echo "$?"' "[{\"names\": [\"mkdir\", \"mkdirat\"], \"action\": \"$action\"}]"
    run run_bundle
    echo "$action: $output"
    [[ $output == *159* ]] # 128 + SIGSYS
    [ ! -e "$B/rootfs/tmp/a" ]
  done
}

@test "Seccomp: SCMP_ACT_TRACE without a tracer is ENOSYS, SCMP_ACT_LOG lets it through" {
  profile 'mkdir /tmp/a' '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_TRACE", "errnoRet": 5}]'
  run run_bundle
  [[ $output == *"not implemented"* ]]
  profile 'mkdir /tmp/a && rmdir /tmp/a' '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_LOG"}]'
  run run_bundle
  [ "$status" = 0 ]
}

@test "Seccomp: rules on arguments, each operator" {
  # chmod's mode is argument 1, fchmodat's 2.
  while read -r op value two denied allowed; do
    profile "touch /tmp/f; chmod $denied /tmp/f || echo denied; chmod $allowed /tmp/f && echo allowed; rm -f /tmp/f" \
      "[{\"names\": [\"chmod\"], \"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 1, \"value\": $value, \"valueTwo\": $two, \"op\": \"SCMP_CMP_$op\"}]},
        {\"names\": [\"fchmodat\"], \"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 2, \"value\": $value, \"valueTwo\": $two, \"op\": \"SCMP_CMP_$op\"}]}]"
    run run_bundle
    echo "$op: $output"
    [[ $output == *denied*allowed ]]
  done <<END
EQ 511 0 777 700
NE 511 0 700 777
LT 448 0 600 700
LE 448 0 700 777
GT 448 0 777 700
GE 448 0 700 600
MASKED_EQ 2048 2048 4755 755
END
}

@test "Seccomp: names that nobody knows are skipped, architectures are taken" {
  profile 'mkdir /tmp/a || echo denied' '[{"names": ["no_such_call", "mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]' \
    '.linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]'
  run run_bundle
  [[ $output == *denied ]]
}

@test "Seccomp: flags are taken, and one that is unknown is an error" {
  deviates runc "1.1 knows fewer"
  deviates crun "1.8 knows fewer"
  for flag in SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW \
    SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV; do
    profile 'mkdir /tmp/a || echo denied' '[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]' \
      ".linux.seccomp.flags = [\"$flag\"]"
    run run_bundle
    echo "$flag: $output"
    [[ $output == *denied ]]
  done
  profile 'true' '[]' '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_NONE"]'
  run run_bundle
  [ "$status" != 0 ]
}

NOTIFY='[{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]'
LISTENER=".linux.seccomp.listenerPath = \"$T/socket\" | .linux.seccomp.listenerMetadata = \"meta \\\"data\\\"\""

@test "Seccomp: SCMP_ACT_NOTIFY, a listener gets the process state and answers" {
  for privileges in true false; do
    rm -rf "$B/rootfs/tmp/a"
    listen
    profile 'mkdir /tmp/a; test -e /tmp/a || echo answered' "$NOTIFY" \
      "$LISTENER | .process.noNewPrivileges = $privileges | .annotations = {\"a\": \"b\"}"
    run run_bundle
    echo "$privileges: $output"
    [[ $output == *"No space left"*answered ]]
    # config-linux.md "The Container Process State".
    jq . "$T/state.json"
    [ "$(jq -c .fds "$T/state.json")" = '["seccompFd"]' ]
    [ "$(jq -r .metadata "$T/state.json")" = 'meta "data"' ]
    [ "$(jq -r .state.id "$T/state.json")" = "$(id)" ]
    [ "$(jq -r .state.bundle "$T/state.json")" = "$B" ]
    [ "$(jq -r .state.annotations.a "$T/state.json")" = b ]
    [ "$(jq -r .pid "$T/state.json")" = "$(jq -r .state.pid "$T/state.json")" ]
    [ "$(jq -r .ociVersion "$T/state.json")" != null ]
    # The last process is gone, and so is the filter.
    eventually 5 sh -c "! kill -0 $(cat "$T/agent.pid") 2>/dev/null"
    rm -f "$T"/socket* "$T/state.json"
  done
}

@test "Seccomp: SCMP_ACT_NOTIFY of the calls that starting needs itself" {
  deviates runc "refuses to be asked about write"

  listen
  profile 'echo went on' '[{"names": ["sendto", "sendmsg", "read", "write", "close", "execve", "prctl", "capset", "exit"],
    "action": "SCMP_ACT_NOTIFY"}]' "$LISTENER"
  run timeout 60 "$RUNTIME" --root "$T/runtime" run -b "$B" "$(id)" </dev/null
  echo "$output"
  [ "$output" = "went on" ]
}

@test "Seccomp: SCMP_ACT_NOTIFY, the listener has it when create is done, and exec's own too" {
  deviates crun "1.8 sends it at start"
  listen
  profile 'mkdir /tmp/a 2>/tmp/said; exec sleep 600' "$NOTIFY" "$LISTENER"
  runtime create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  eventually 5 test -s "$T/state.json"
  runtime start "$(id)"
  eventually 10 grep -q "No space left" "$B/rootfs/tmp/said"
  rm "$B/rootfs/tmp/said"
  local first
  first=$(cat "$T/agent.pid")
  rm -f "$T"/socket* "$T/state.json"
  listen
  echo "$(cat "$T/agent.pid") $first" >"$T/agents"
  run runtime exec "$(id)" mkdir /tmp/b </dev/null
  [[ $output == *"No space left"* ]]
  [ "$(jq -r .state.status "$T/state.json")" = running ]
  [ "$(jq -r .state.pid "$T/state.json")" = "$(pid_of "$(id)")" ]
  [ "$(jq -r .pid "$T/state.json")" != "$(pid_of "$(id)")" ]
  remove_all
  eventually 5 sh -c "! kill -0 $first 2>/dev/null"
}

@test "Seccomp: SCMP_ACT_NOTIFY without a listener is an error, and nothing is left" {
  deviates crun "1.8 takes the rule without"
  profile 'true' "$NOTIFY"
  run run_bundle
  [ "$status" != 0 ]
  profile 'true' "$NOTIFY" "$LISTENER"
  run run_bundle
  echo "$output"
  [ "$status" != 0 ]
  run runtime state "$(id)"
  [ "$status" != 0 ]
}
