# The command line that podman, containerd and docker know from runc: flags, output and exit codes.
# shellcheck disable=SC2016,SC2154  # jq programs; the library's variables
load "$CTR_TEST_LIB"
load bundle

setup_file() { make_bundle; }
teardown() { remove_all; }

@test "state and list have runc's fields" {
  sleeping
  for field in ociVersion id pid status bundle rootfs created owner; do
    runtime state "$(id)" | jq -e "has(\"$field\")"
  done
  date -d "$(runtime state "$(id)" | jq -r .created)"
  [ "$(runtime list --format json | jq -r '.[] | [.id, .status, .bundle, .owner] | join(" ")')" = "$(id) running $B root" ]
  [ "$(runtime list -q)" = "$(id)" ]
  deviates crun "gives root.path as it stands in config.json"
  [ "$(runtime state "$(id)" | jq -r .rootfs)" = "$B/rootfs" ]
}

@test "list is a table with runc's columns" {
  deviates crun "has no owner"
  sleeping
  run runtime list
  [ "$(xargs <<<"${lines[0]}")" = "ID PID STATUS BUNDLE CREATED OWNER" ]
  [ "$(awk '{print $1, $2, $3, $4, $6}' <<<"${lines[1]}")" = "$(id) $(pid_of "$(id)") running $B root" ]
}

@test "--log with --log-format json: a line that containerd and podman read" {
  config '.process.args = ["nosuch"]'
  run runtime --log "$T/log.json" --log-format json --debug run -b "$B" "$(id)"
  [ "$status" != 0 ]
  [ "$(jq -r 'select(.level == "error") | .level' "$T/log.json" | head -n 1)" = error ]
  jq -e 'select(.level == "error") | .msg | contains("nosuch")' "$T/log.json"
  date -d "$(jq -r 'select(.level == "error") | .time' "$T/log.json" | head -n 1)"
}

@test "--log as text: level and msg" {
  deviates crun "has a form of its own"
  run runtime --log "$T/log.text" state nonesuch
  [ "$status" = 1 ]
  grep -q 'time="[^"]*" level=error msg="' "$T/log.text"
}

@test "a command that fails ends with 1, exec with 255" {
  fails_with 1 "" runtime state nonesuch
  fails_with 1 "" runtime start nonesuch
  fails_with 1 "" runtime kill nonesuch
  fails_with 1 "" runtime delete nonesuch
  fails_with 0 "" runtime delete --force nonesuch
  deviates crun "ends an exec that fails with 1"
  fails_with 255 "" runtime exec nonesuch true
}

@test "what is no option or command is an error" {
  run runtime run --nosuch -b "$B" "$(id)"
  [ "$status" != 0 ]
  run runtime nosuch
  [ "$status" != 0 ]
  run runtime kill
  [ "$status" != 0 ]
}

@test "--version: name, commit and spec, a line each" {
  run runtime --version
  [ "$status" = 0 ]
  [[ ${lines[0]} == *" version "* ]]
  grep -q '^commit: ' <<<"$output"
  grep -q '^spec: 1\.' <<<"$output"
}

@test "options before and after the id, with = and without" {
  config '.process.args = ["sleep", "600"]'
  runtime run --detach --bundle="$B" --pid-file "$T/pid" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  [ "$(cat "$T/pid")" = "$(pid_of "$(id)")" ]
  deviates crun "drops the container's environment"
  [ "$(runtime exec -e A=1 -e=B=2 --cwd /tmp --user 1000:2000 "$(id)" sh -c 'echo $A $B $(pwd) $(id -u) $(id -g)')" = "1 2 /tmp 1000 2000" ]
}

@test "exec -g, -c, --no-new-privs" {
  sleeping "$(id)" '.process.noNewPrivileges = false'
  deviates crun "has no --additional-gids"
  run runtime exec -g 7 -g 8 -c CAP_NET_RAW --no-new-privs "$(id)" grep -E '^(Groups|NoNewPrivs|CapBnd|CapInh)' /proc/self/status
  [ "$status" = 0 ]
  [[ $output == *"7 8"* ]]
  [ "$(awk '/NoNewPrivs/ {print $2}' <<<"$output")" = 1 ]
  (( 0x$(awk '/CapBnd/ {print $2}' <<<"$output") >> 13 & 1 ))
}

@test "exec --process takes all from a file, --pid-file and --detach come back at once" {
  sleeping
  jq -n '{terminal: false, user: {uid: 1000, gid: 2000}, args: ["sh", "-c", "id -u >/tmp/who; exec sleep 300"],
    env: ["PATH=/bin"], cwd: "/tmp"}' >"$T/process.json"
  chmod 1777 "$B/rootfs/tmp"
  rm -f "$B/rootfs/tmp/who"
  runtime exec -d --pid-file "$T/exec-pid" -p "$T/process.json" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  eventually 5 grep -qx 1000 "$B/rootfs/tmp/who"
  eventually 5 grep -q sleep "/proc/$(cat "$T/exec-pid")/cmdline"
  rm "$B/rootfs/tmp/who"
}

@test "--preserve-fds: descriptor 3 reaches the program, and no other" {
  script 'cat <&3; ls /proc/self/fd'
  echo three >"$T/three"
  run runtime run --preserve-fds 1 -b "$B" "$(id)" 3<"$T/three" 5</dev/null </dev/null
  [ "${lines[0]}" = three ]
  # ls itself opens the folder as 4.
  [ "$(xargs <<<"${lines[*]:1}")" = "0 1 2 3 4" ]
}

@test "spec writes a config.json that runs, and does not overwrite one" {
  mkdir "$T/new"
  runtime spec --bundle "$T/new"
  jq -e '.process.args == ["sh"] and .root.path == "rootfs"' "$T/new/config.json"
  run runtime spec --bundle "$T/new"
  [ "$status" != 0 ]
}

@test "spec --rootless: a user namespace that maps the caller, no network namespace, no resources" {
  deviates crun "leaves the namespaces to the caller"
  mkdir "$T/rootless"
  (cd "$T/rootless" && runtime spec --rootless)
  jq -e '[.linux.namespaces[].type] | contains(["user"]) and (contains(["network"]) | not)' "$T/rootless/config.json"
  jq -e '.linux.uidMappings == [{containerID: 0, hostID: 0, size: 1}]' "$T/rootless/config.json"
  jq -e '.linux | has("resources") | not' "$T/rootless/config.json"
  jq -e '[.mounts[] | select(.destination == "/sys")] == [{destination: "/sys", type: "none", source: "/sys",
    options: ["rbind", "nosuid", "noexec", "nodev", "ro"]}]' "$T/rootless/config.json"
  jq -e '[.mounts[].options[]? | select(startswith("gid="))] == []' "$T/rootless/config.json"
}

@test "run --keep leaves the stopped container" {
  deviates crun "1.8 has no --keep"
  config '.process.args = ["true"]'
  runtime run --keep -b "$B" "$(id)" </dev/null
  [ "$(status_of "$(id)")" = stopped ]
  runtime delete "$(id)"
}

@test "--no-new-keyring: the caller's session keyring is the container's" {
  skip_unless "no kernel keyrings here" test -r /proc/keys
  script 'cat /proc/keys' '.linux.maskedPaths = []'
  run with_key runtime run --no-new-keyring -b "$B" "$(id)"
  [[ $output == *ctr-test-key* ]]
  run with_key runtime run -b "$B" "$(id)"
  [ "$status" = 0 ]
  [[ $output != *ctr-test-key* ]]
}
# runtime ARGUMENT…, with a key in its session keyring that only who has that keyring sees in /proc/keys (keyctl(2)).
with_key() {
  shift
  python3 -c 'import ctypes, os, sys
call = ctypes.CDLL(None).syscall
ADD_KEY, KEYCTL, JOIN_SESSION_KEYRING, SETPERM, SESSION_KEYRING, POSSESSOR_ALL = 248, 250, 1, 5, -3, 0x3f000000
call(KEYCTL, JOIN_SESSION_KEYRING, None)
key = call(ADD_KEY, b"user", b"ctr-test-key", b"x", 1, SESSION_KEYRING)
call(KEYCTL, SETPERM, key, POSSESSOR_ALL)
os.execv(sys.argv[1], sys.argv[1:])' "$RUNTIME" --root "$T/runtime" "$@" </dev/null
}
