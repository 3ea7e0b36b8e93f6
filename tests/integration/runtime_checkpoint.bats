# checkpoint and restore by a criu of our own making, which does to the processes what the real one would and notes what
# it was told: that one does not run on every kernel.
# shellcheck disable=SC2016,SC2154  # scripts and jq programs; the library's variables
load "$CTR_TEST_LIB"
load "$BATS_TEST_DIRNAME/../conformance/bundle"

setup_file() {
  make_bundle
  # dump kills the process; restore starts another as its own sibling: our parent's child, as criu's --restore-sibling.
  cat >"$T/criu" <<'END'
#!/usr/bin/python3
import ctypes, os, signal, sys
T = os.environ["CRIU_TEST"]
print("\n".join(sys.argv[1:]), file=open(T + "/criu." + sys.argv[1], "w"))
option = lambda name: sys.argv[sys.argv.index(name) + 1]
if os.path.exists(T + "/criu-fails"):
    print("(00.1) Error (criu/test.c:1): it cannot be done", file=open(option("--images-dir") + "/" + option("--log-file"), "w"))
    sys.exit(1)
if sys.argv[1] == "dump" and "--leave-running" not in sys.argv:
    os.kill(int(option("--tree")), signal.SIGKILL)
if sys.argv[1] == "restore":
    cgroup = [line for line in open("/proc/self/cgroup").read().split() if line.startswith("0::")]
    mounts = [line.split()[4] for line in open("/proc/self/mountinfo")]
    print(cgroup[0], option("--root") in mounts, sorted(os.listdir(option("--root"))), file=open(T + "/around", "w"))
    CLONE_PARENT, SYS_clone = 0x8000, 56
    pid = ctypes.CDLL(None).syscall(SYS_clone, CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        for fd in 0, 1, 2:
            os.dup2(fd + 3, fd)
        os.closerange(3, 100)
        os.execv("/bin/busybox", ["busybox", "sh", "-c", "trap \"exit 5\" TERM; read line; echo restored $line; while :; do sleep 0.1; done"])
    print(pid, file=open(option("--pidfile"), "w"))
END
  chmod +x "$T/criu"
  export CRIU_TEST=$T
}
setup() { rm -rf "$T/images" "$T/criu-fails" "$T"/criu.* "$T/around"; }
teardown() { remove_all; }

criu_runtime() { runtime --criu "$T/criu" "$@"; }
told() { xargs <"$T/criu.$1"; }
is_running() { [ "$(status_of "$1")" = running ]; }
is_stopped() { [ "$(status_of "$1")" = stopped ]; }

# A container whose stdin, stdout and stderr are pipes.
piped() {
  config '.process.args = ["sleep", "600"] | .mounts += [{destination: "/tmp", type: "bind", source: "/etc", options: ["bind", "ro"]}] | .linux.maskedPaths = ["/proc/keys", "/proc/nosuch", "/sys/firmware"]'
  runtime run -d -b "$B" "$1" < <(exec sleep 1 3>&-) > >(exec cat >/dev/null 3>&-) 2>&1 3>&-
}

@test "checkpoint: criu is told what to dump, and the container is gone" {
  piped "$(id)"
  local pid
  pid=$(pid_of "$(id)")
  criu_runtime checkpoint --image-path "$T/images" --work-path "$T/work" --tcp-established --file-locks "$(id)"
  [ "$(told dump)" = "dump -v4 --log-file dump.log --images-dir $T/images --work-dir $T/work --manage-cgroups=soft \
--tcp-established --file-locks --tree $pid --root $B/rootfs --freeze-cgroup /sys/fs/cgroup/$(id) \
--external mnt[/tmp]:/tmp --external mnt[/proc/keys]:/proc/keys" ]
  [[ $(jq -r '.[0]' "$T/images/descriptors.json") == pipe:* ]]
  fails_with 1 "does not exist" runtime state "$(id)"
}

@test "checkpoint --leave-running and --pre-dump leave it running" {
  piped "$(id)"
  criu_runtime checkpoint --image-path "$T/images/pre" --pre-dump "$(id)"
  [[ $(told pre-dump) == *"--track-mem"* ]]
  [ ! -e "$T/images/pre/descriptors.json" ]
  criu_runtime checkpoint --image-path "$T/images/full" --parent-path ../pre --leave-running "$(id)"
  [[ $(told dump) == *"--leave-running --track-mem --prev-images-dir ../pre"* ]]
  [ "$(status_of "$(id)")" = running ]
  fails_with 1 "opening the parent images ../nosuch" criu_runtime checkpoint --image-path "$T/images/full" --parent-path ../nosuch "$(id)"
}

@test "restore: a container of the images, with our pipes, in its cgroup; nothing of criu's is left" {
  piped "$(id)"
  criu_runtime checkpoint --image-path "$T/images" "$(id)"
  echo line | criu_runtime restore -d --pid-file "$T/pid" -b "$B" --image-path "$T/images" "$(id r)" >"$T/out" 2>&1 3>&-
  [ "$(status_of "$(id r)")" = running ]
  [ "$(pid_of "$(id r)")" = "$(cat "$T/pid")" ]
  eventually 5 grep -qx "restored line" "$T/out"
  # criu was in the container's cgroup, and its root a mount of its own there, which this machine never had.
  [ "$(cat "$T/around")" = "0::/$(id r) True $(python3 -c 'import os, sys; print(sorted(os.listdir(sys.argv[1])))' "$B/rootfs")" ]
  [ "$(grep -c criu-root /proc/self/mountinfo)" = 0 ]
  [ -z "$(find "$T/runtime/$(id r)" -name 'criu*')" ]
  [[ $(told restore) == *"--restore-detached --restore-sibling --evasive-devices"*"--cgroup-root /$(id r)"* ]]
  [[ $(told restore) == *"--external mnt[/tmp]:/etc --external mnt[/proc/keys]:/dev/null"* ]]
  [[ $(told restore) == *"--inherit-fd fd[3]:pipe:["*" --inherit-fd fd[4]:pipe:["*" --inherit-fd fd[5]:pipe:["* ]]
  runtime kill "$(id r)" KILL
  eventually 5 is_stopped "$(id r)"
}

@test "restore in the foreground waits, and gives the exit code" {
  piped "$(id)"
  criu_runtime checkpoint --image-path "$T/images" "$(id)"
  echo line | criu_runtime restore -b "$B" --image-path "$T/images" "$(id)" >"$T/out" 2>&1 3>&- &
  local restorer=$!
  eventually 10 grep -qx "restored line" "$T/out"
  eventually 10 is_running "$(id)"
  runtime kill "$(id)" TERM
  local code=0
  wait "$restorer" || code=$?
  [ "$code" = 5 ]
  fails_with 1 "does not exist" runtime state "$(id)"
}

@test "criu fails: its words are told, the container runs on, and of a restore nothing is left" {
  piped "$(id)"
  criu_runtime checkpoint --leave-running --image-path "$T/images" "$(id)"
  touch "$T/criu-fails"
  fails_with 1 "criu failed with exit code 1: Error (criu/test.c:1): it cannot be done; its log is $T/images/dump.log" \
    criu_runtime checkpoint --image-path "$T/images" "$(id)"
  [ "$(status_of "$(id)")" = running ]
  fails_with 1 "its log is $T/images/restore.log" criu_runtime restore -d -b "$B" --image-path "$T/images" "$(id r)"
  [ ! -e "$T/runtime/$(id r)" ]
  [ -z "$(find /sys/fs/cgroup -name "$(id r)")" ]
}

@test "no criu, no images, a terminal, a stopped container: errors that name the next step" {
  config '.process.args = ["sleep", "600"]'
  runtime run -d -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  PATH=/no/such fails_with 1 "install the package criu" runtime checkpoint "$(id)"
  PATH=/no/such fails_with 1 "install the package criu" runtime restore -b "$B" "$(id r)"
  fails_with 1 "$T/nosuch" criu_runtime restore -b "$B" --image-path "$T/nosuch" "$(id r)"
  fails_with 1 "is not soft, full, strict or ignore" criu_runtime checkpoint --manage-cgroups-mode none "$(id)"
  runtime kill "$(id)" KILL
  eventually 5 is_stopped "$(id)"
  fails_with 1 "is not running" criu_runtime checkpoint "$(id)"
  [ ! -e "$T/runtime/$(id r)" ]
  config '.process.args = ["sleep", "600"] | .process.terminal = true'
  fails_with 1 "set process.terminal to false" criu_runtime restore -b "$B" --image-path "$T/images" "$(id r)"
}

@test "/dev/null among stdin, stdout and stderr is the container's own, which criu can write down" {
  script 'mounts=$(cut -d" " -f1 /proc/self/mountinfo); for fd in 0 2; do id=$(sed -n "s/mnt_id:[[:space:]]*//p" /proc/self/fdinfo/$fd)
    echo "$mounts" | grep -qx "$id" && readlink /proc/self/fd/$fd; done; echo x >&2'
  [ "$(runtime run -b "$B" "$(id)" </dev/null 2>/dev/null | xargs)" = "/dev/null /dev/null" ]
}

@test "podman asks by --help whether there is checkpoint and restore" {
  runtime checkpoint --help
  runtime restore --help
}
