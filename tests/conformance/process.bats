# runtime-spec, config.md: the container's process.
load "$CTR_TEST_LIB"
load bundle

setup_file() { make_bundle; }
teardown() { remove_all; }

@test "config.md Process: args, env and cwd" {
  script 'echo "$0" "$1"; echo "$A"; pwd' '.process.args += ["zero", "one two"] | .process.env += ["A=b c"] | .process.cwd = "/home"'
  run run_bundle
  [ "$status" = 0 ]
  [ "${lines[0]}" = "zero one two" ]
  [ "${lines[1]}" = "b c" ]
  [ "${lines[2]}" = /home ]
}

@test "config.md User: uid, gid and supplementary groups, and no others" {
  script 'id -u; id -g; grep ^Groups /proc/self/status' '.process.user = {"uid": 1000, "gid": 1000, "additionalGids": [5, 2000]}'
  run run_bundle
  [ "${lines[0]}" = 1000 ]
  [ "${lines[1]}" = 1000 ]
  [ "$(xargs <<<"${lines[2]}")" = "Groups: 5 2000" ]
  script 'grep ^Groups /proc/self/status'
  run run_bundle
  [ "$(xargs <<<"${lines[0]}")" = Groups: ]
}

@test "config.md User: umask" {
  script 'umask' '.process.user.umask = 63'
  run run_bundle
  [ "${lines[0]}" = 0077 ]
  script 'umask'
  run run_bundle
  [ "${lines[0]}" = 0022 ]
}

@test "config.md Capabilities: each of the five sets" {
  script 'grep ^Cap /proc/self/status'
  run run_bundle
  [ "$(awk '/CapInh/ {print $2}' <<<"$output")" = 0000000000000000 ]
  [ "$(awk '/CapPrm/ {print $2}' <<<"$output")" = 0000000000000021 ]
  [ "$(awk '/CapEff/ {print $2}' <<<"$output")" = 0000000000000021 ]
  [ "$(awk '/CapBnd/ {print $2}' <<<"$output")" = 0000000000000021 ]
  [ "$(awk '/CapAmb/ {print $2}' <<<"$output")" = 0000000000000000 ]
}

@test "config.md Capabilities: ambient ones reach another user's program, others do not" {
  script 'grep ^Cap /proc/self/status' '.process.user = {"uid": 1000, "gid": 1000} | .process.capabilities |=
    (.inheritable = ["CAP_KILL"] | .ambient = ["CAP_KILL"])'
  run run_bundle
  [ "$(awk '/CapEff/ {print $2}' <<<"$output")" = 0000000000000020 ]
  [ "$(awk '/CapAmb/ {print $2}' <<<"$output")" = 0000000000000020 ]
  script 'grep ^Cap /proc/self/status' '.process.user = {"uid": 1000, "gid": 1000}'
  run run_bundle
  [ "$(awk '/CapEff/ {print $2}' <<<"$output")" = 0000000000000000 ]
}

@test "config.md Linux Process: noNewPrivileges" {
  script 'grep NoNewPrivs /proc/self/status'
  run run_bundle
  [ "$(awk '{print $2}' <<<"${lines[0]}")" = 1 ]
  script 'grep NoNewPrivs /proc/self/status' '.process.noNewPrivileges = false'
  run run_bundle
  [ "$(awk '{print $2}' <<<"${lines[0]}")" = 0 ]
}

@test "config.md POSIX process: rlimits" {
  script 'ulimit -Sn; ulimit -Hn; ulimit -c' '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
    {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]'
  run run_bundle
  [ "${lines[0]}" = 100 ]
  [ "${lines[1]}" = 200 ]
  [ "${lines[2]}" = 0 ]
}

@test "config.md POSIX process: a limit twice is an error" {
  deviates runc "takes the last one"
  deviates crun "takes the last one"
  script 'true' '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
    {"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}]'
  run run_bundle
  [ "$status" != 0 ]
}

@test "config.md Linux Process: oomScoreAdj" {
  script 'cat /proc/self/oom_score_adj' '.process.oomScoreAdj = 500'
  run run_bundle
  [ "${lines[0]}" = 500 ]
}

@test "config.md Linux Process: oomScoreAdj is set before the program runs, however slow the runtime is" {
  command -v strace >/dev/null || skip "no strace"
  config '.process.args = ["cat", "/proc/self/oom_score_adj"] | .process.oomScoreAdj = 321'
  run strace -o /dev/null -e trace=openat -e inject=openat:delay_enter=20000 \
    "$RUNTIME" --root "$T/runtime" run -b "$B" "$(id)" </dev/null
  [ "${lines[0]}" = 321 ]
}

@test "config.md Linux Process: oomScoreAdj of a created container" {
  script 'cat /proc/self/oom_score_adj >/tmp/score; exec sleep 600' '.process.oomScoreAdj = 400'
  runtime create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  runtime start "$(id)"
  eventually 5 test -s "$B/rootfs/tmp/score"
  [ "$(cat "$B/rootfs/tmp/score")" = 400 ]
  rm "$B/rootfs/tmp/score"
}

@test "exec: oomScoreAdj of the process file" {
  deviates runc "gives the container's"
  deviates crun "gives the container's"
  sleeping
  jq '.process | .args = ["cat", "/proc/self/oom_score_adj"] | .oomScoreAdj = 600' "$B/config.json" >"$T/process.json"
  for _ in $(seq 10); do
    run runtime exec --process "$T/process.json" "$(id)" </dev/null
    [ "${lines[0]}" = 600 ]
  done
}

@test "config.md Process: cwd must be an absolute path" {
  deviates crun "takes a relative one"
  script 'true' '.process.cwd = "home"'
  run run_bundle
  [ "$status" != 0 ]
}

@test "config-linux.md Seccomp: a rule with an errno, and the default action" {
  grep -q ^Seccomp: /proc/self/status || skip "no seccomp in this kernel"
  script 'mkdir /tmp/made; echo $?; grep ^Seccomp: /proc/self/status' '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW",
    "architectures": ["SCMP_ARCH_X86_64"],
    "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}'
  run run_bundle
  [[ $output == *"No space left"* ]]
  [ "$(awk '/^Seccomp:/ {print $2}' <<<"$output")" = 2 ]
  [ ! -e "$B/rootfs/tmp/made" ]
}

@test "config-linux.md Seccomp: with and without noNewPrivileges, for root and others" {
  grep -q ^Seccomp: /proc/self/status || skip "no seccomp in this kernel"
  for privileges in true false; do
    for uid in 0 1000; do
      script 'grep ^Seccomp: /proc/self/status; id -u' ".process.noNewPrivileges = $privileges | .process.user.uid = $uid |
        .linux.seccomp = {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"kexec_load\"],
        \"action\": \"SCMP_ACT_ERRNO\"}]}"
      run run_bundle
      echo "$privileges $uid: $output"
      [ "$(awk '/^Seccomp:/ {print $2}' <<<"$output")" = 2 ]
      [ "${lines[1]}" = "$uid" ]
    done
  done
}

@test "config.md Process: a terminal, by a console socket" {
  command -v python3 >/dev/null || skip "no python3"
  cat >"$T/console.py" <<'END'
import array, os, select, socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
open(sys.argv[1] + ".ready", "w").close()
peer, _ = server.accept()
_, control, _, _ = peer.recvmsg(100, 1000)
fd = array.array("i", control[0][2])[0]
out = b""
while True:
    try:
        part = os.read(fd, 1000)
    except OSError:
        break
    if not part:
        break
    out += part
open(sys.argv[1] + ".out", "wb").write(out)
END
  python3 "$T/console.py" "$T/socket" 3>&- &
  local console=$!
  eventually 5 test -e "$T/socket.ready"
  script 'tty; stty size; test -t 0 && test -t 1 && test -t 2 && echo all; test -c /dev/console && echo console' \
    '.process.terminal = true | .process.consoleSize = {"height": 33, "width": 77}'
  runtime create --console-socket "$T/socket" -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  runtime start "$(id)"
  wait "$console"
  grep -q /dev/pts/0 "$T/socket.out"
  grep -q "33 77" "$T/socket.out"
  grep -q all "$T/socket.out"
  grep -q console "$T/socket.out"
}
