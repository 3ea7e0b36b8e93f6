# A bundle as an engine makes it: the tests beside this one say nothing where this does not run.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

teardown() { end_containers; }

@test "a harmless bundle runs, in the foreground and detached" {
  new_bundle
  in_shell 'echo hello from $(hostname)'
  run_bundle plain
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *"hello from box"* ]]
  in_shell 'while :; do sleep 1; done'
  start_bundle detached
  run runtime exec detached echo inside
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *inside* ]]
}

@test "a startContainer hook, which is the image's file, has no more rights than the container's program" {
  cat >"$T/looks" <<'END'
#!/bin/sh
[ "$1" = program ] || cat >/dev/null
{
  id
  grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status
  cat /proc/self/cgroup
  ulimit -n
} >"/tmp/$1.new"
mv "/tmp/$1.new" "/tmp/$1"
END
  new_bundle
  cp "$T/looks" "$R/bin/looks"
  chmod 755 "$R/bin/looks"
  configure '.hooks.startContainer = [{path: "/bin/looks", args: ["looks", "hook"], env: ["PATH=/bin"]}] |
    .process.args = ["looks", "program"] | .process.user = {uid: 1000, gid: 1000, additionalGids: [7]} |
    .process.capabilities = {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]} |
    .process.noNewPrivileges = true | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 99, hard: 99}] |
    .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["kexec_load"], action: "SCMP_ACT_ERRNO"}]}'
  run_bundle at-once
  echo "$output"
  [ "$status" = 0 ]
  diff "$R/tmp/program" "$R/tmp/hook"
  rm "$R/tmp/hook" "$R/tmp/program"
  runtime create --bundle "$B" later </dev/null >"$T/out" 2>&1 3>&-
  runtime start later
  eventually 10 test -s "$R/tmp/program"
  diff "$R/tmp/program" "$R/tmp/hook"
}
