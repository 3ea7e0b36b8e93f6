# Debian's dockerd with ctr-runtime as its default runtime.
# shellcheck disable=SC2016,SC2154  # scripts for the container; the library's variables
load "$CTR_TEST_LIB"

setup_file() {
  [ "${CTR_IN_VM-}" = 1 ] && command -v dockerd >/dev/null || return 0
  mkdir -p "$T/d"
  dockerd --data-root "$T/d/root" --exec-root "$T/d/exec" -p "$T/d/pid" -H "unix://$T/d/sock" \
    --bridge none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --userland-proxy=false \
    --exec-opt native.cgroupdriver=cgroupfs --add-runtime "ctr=$RUNTIME" --default-runtime ctr >"$T/d/log" 2>&1 3>&- </dev/null &
  eventually 60 docker version
  busybox_rootfs "$T/rootfs"
  tar -C "$T/rootfs" -cf "$T/rootfs.tar" .
  docker import "$T/rootfs.tar" box
  docker run -d --name one --network none --memory 64m --cpus 0.5 --health-cmd 'test -e /tmp/healthy' --health-interval 1s \
    --health-retries 1 box sh -c 'echo started; trap "echo stopping; exit 7" TERM; while :; do sleep 0.1; done'
}
setup() {
  [ "${CTR_IN_VM-}" = 1 ] || skip "only in the test kernel"
  command -v dockerd >/dev/null || skip "no dockerd"
}
teardown_file() {
  [ -e "$T/d/pid" ] || return 0
  docker ps -aq | while read -r name; do docker rm -f "$name" >/dev/null; done
  local pid
  pid=$(cat "$T/d/pid")
  kill "$pid"
  eventually 30 bash -c "! kill -0 $pid" 2>/dev/null
  umount -R "$T/d/exec" "$T/d/root" 2>/dev/null || true
  rmdir /sys/fs/cgroup/docker 2>/dev/null || true
}

docker() { /usr/bin/docker -H "unix://$T/d/sock" "$@" 3>&-; }
health_is() { [ "$(docker inspect -f '{{.State.Health.Status}}' one)" = "$1" ]; }

@test "version and info name the runtime, its version and its commit" {
  run docker version --format '{{range .Server.Components}}{{.Name}} {{.Version}} {{.Details.GitCommit}}{{"\n"}}{{end}}'
  local version
  version=$("$RUNTIME" --version)
  [[ $output == *"ctr $(awk 'NR == 1 {print $3}' <<<"$version") $(awk '$1 == "commit:" {print $2}' <<<"$version")"* ]]
  [[ $(docker info --format '{{.DefaultRuntime}}') == ctr ]]
}

@test "run: output, exit codes, a missing command is 127, one that cannot be invoked 126" {
  run docker run --rm --network none box sh -c 'echo hello; exit 3'
  [ "$status" = 3 ]
  [ "$output" = hello ]
  fails_with 127 "executable file not found" docker run --rm --network none box nosuch
  fails_with 126 "permission denied" docker run --rm --network none box /etc/passwd
}

@test "exec: user, folder, environment, exit code; logs and stats" {
  run docker exec -u 1000 -e A=b -w /tmp one sh -c 'id -u; pwd; echo $A; exit 4'
  [ "$status" = 4 ]
  [ "$(xargs <<<"$output")" = "1000 /tmp b" ]
  [ "$(docker logs one)" = started ]
  [[ $(docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' one) == "one "*"64MiB" ]]
}

@test "pause and unpause; update" {
  docker pause one
  [ "$(docker inspect -f '{{.State.Status}}' one)" = paused ]
  docker unpause one
  docker update --memory 48m --memory-swap 48m one
  [ "$(docker exec one cat /sys/fs/cgroup/memory.max)" = 50331648 ]
}

@test "healthcheck: by its timer" {
  eventually 30 health_is unhealthy
  docker exec one touch /tmp/healthy
  eventually 30 health_is healthy
}

@test "stop by its signal, start again, kill, rm" {
  docker stop -t 10 one
  [ "$(docker inspect -f '{{.State.ExitCode}}' one)" = 7 ]
  [[ $(docker logs one) == *stopping* ]]
  docker start one
  docker kill one
  [ "$(docker wait one)" = 137 ]
  docker rm one
}

@test "a terminal, --privileged, --read-only with --tmpfs, --init" {
  [[ $(docker run --rm --network none -t box tty) == /dev/pts/0* ]]
  run docker run --rm --network none --privileged --read-only --tmpfs /tmp box sh -c 'touch /x || echo refused; touch /tmp/y; ls /dev/kmsg'
  [[ $output == *refused* && $output == */dev/kmsg* ]]
  [[ $(docker run --rm --network none --init box ps) == *docker-init* ]]
}
