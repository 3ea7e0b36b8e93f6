# Debian's podman on ctr-runtime, with every cgroup controller: what people do with containers, a command each. How its
# options reach a container is in tests/integration/runtime_podman.bats.
# shellcheck disable=SC2016,SC2154  # scripts for the container; the library's variables
load "$CTR_TEST_LIB"

setup_file() {
  [ "${CTR_IN_VM-}" = 1 ] && command -v podman >/dev/null || return 0
  busybox_rootfs "$T/rootfs"
  tar -C "$T/rootfs" -cf "$T/rootfs.tar" .
  pod import -q "$T/rootfs.tar" box:latest
  pod run -d --name one --network none --memory 64m --cpus 0.5 --health-cmd 'test -e /tmp/healthy' --health-interval disable \
    box sh -c 'echo started; trap "echo stopping; exit 7" TERM; while :; do sleep 0.1; done'
}
setup() {
  [ "${CTR_IN_VM-}" = 1 ] || skip "only in the test kernel"
  command -v podman >/dev/null || skip "no podman"
}
teardown_file() {
  [ "${CTR_IN_VM-}" = 1 ] && command -v podman >/dev/null || return 0
  pod rm -af -t 0 >/dev/null 2>&1 || true
  rmdir /sys/fs/cgroup/libpod_parent/* /sys/fs/cgroup/libpod_parent 2>/dev/null || true
}

pod() {
  podman --runtime "$RUNTIME" --root "$T/p" --runroot "$T/q" --tmpdir "$T/s" --cgroup-manager cgroupfs \
    --events-backend file "$@" 3>&-
}
status_is() { [ "$(pod inspect -f '{{.State.Status}}' one)" = "$1" ]; }

@test "run: output, exit code, limits in the cgroup" {
  run pod run --rm --network none --memory 32m --pids-limit 77 box sh -c 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max; exit 3'
  [ "$status" = 3 ]
  [ "$(xargs <<<"$output")" = "33554432 77" ]
}

@test "exec: user, folder, environment, exit code; logs" {
  run pod exec -u 1000 -w /tmp -e A=b one sh -c 'id -u; pwd; echo $A; exit 4'
  [ "$status" = 4 ]
  [ "$(xargs <<<"$output")" = "1000 /tmp b" ]
  [ "$(pod logs one)" = started ]
}

@test "stats and top" {
  run pod stats --no-stream --no-reset --format '{{.Name}} {{.MemLimit}} {{.PIDs}}' one
  [[ $output == "one 67108864"* || $output == "one 67.11MB"* ]]
  [[ $(pod top one args) == *started* ]]
}

@test "pause stops it, exec is refused then, unpause lets it go on" {
  pod pause one
  status_is paused
  fails_with 255 "running containers" pod exec one true
  pod unpause one
  status_is running
  pod exec one true
}

@test "update changes its limits" {
  pod update --memory 48m --cpus 0.25 one
  [ "$(pod exec one cat /sys/fs/cgroup/memory.max)" = 50331648 ]
  [ "$(pod exec one cat /sys/fs/cgroup/cpu.max)" = "25000 100000" ]
}

@test "healthcheck runs its command" {
  fails_with 1 "" pod healthcheck run one
  pod exec one touch /tmp/healthy
  pod healthcheck run one
}

@test "stop by its signal, start again, kill, rm" {
  pod stop -t 10 one
  [ "$(pod inspect -f '{{.State.ExitCode}}' one)" = 7 ]
  [[ $(pod logs one) == *stopping* ]]
  pod start one
  status_is running
  pod kill one
  [ "$(pod wait one)" = 137 ]
  pod rm one
  run pod ps -aq
  [ -z "$output" ]
}

@test "attach, a terminal, cp and restart" {
  [[ $(pod run --rm -t --network none box tty) == /dev/pts/0* ]]
  pod run -d --name two --network none box sleep 600
  pod cp "$T/rootfs/etc/group" two:/tmp/copied
  [[ $(pod exec two cat /tmp/copied) == *extra:x:2000:user* ]]
  pod restart -t 0 two
  pod exec two true
  pod rm -f -t 0 two
}
