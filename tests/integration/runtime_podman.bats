# ctr-runtime in runc's place under Debian's podman.
load "$CTR_TEST_LIB"

setup_file() {
  command -v podman >/dev/null || return 0
  # podman keeps its locks there, for all on the machine: a podman that was killed elsewhere would stop this one.
  mount -t tmpfs locks /dev/shm
  busybox_rootfs "$T/rootfs"
  tar -C "$T/rootfs" -cf "$T/rootfs.tar" .
  pod import -q "$T/rootfs.tar" box:latest
}
setup() { command -v podman >/dev/null || skip "no podman"; }
teardown_file() {
  command -v podman >/dev/null || return 0
  pod rm -af >/dev/null 2>&1 || true
  umount -l /dev/shm
  rmdir /sys/fs/cgroup/libpod_parent/* /sys/fs/cgroup/libpod_parent 2>/dev/null || true
}

pod() {
  podman --runtime "$RUNTIME" --root "$T/p" --runroot "$T/q" --tmpdir "$T/s" --cgroup-manager cgroupfs "$@" 3>&-
}
# Where the pids controller is not in cgroup v2, podman must not ask for it; where limits cannot be raised, neither.
prun() { pod run --network none --pids-limit 0 --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 "$@"; }

@test "podman run: output, exit codes, a user, a read-only root, a volume" {
  run prun --rm box sh -c 'echo out; exit 5'
  [ "$status" = 5 ]
  [ "${lines[0]}" = out ]
  run prun --rm --read-only -u user -v "$T/rootfs/etc:/mnt:ro" box sh -c 'id -u; touch /x 2>/dev/null || echo refused; head -n 1 /mnt/passwd'
  [ "${lines[0]}" = 1000 ]
  [ "${lines[1]}" = refused ]
  [ "${lines[2]}" = root:x:0:0:root:/root:/bin/sh ]
}

@test "podman run: a missing command is 127, one that cannot be invoked 126" {
  run prun --rm box nosuch
  [ "$status" = 127 ]
  [[ $output == *"executable file not found"* ]]
  run prun --rm box /etc/passwd
  [ "$status" = 126 ]
}

@test "podman exec, stop, kill and rm" {
  prun -d --name one box sleep 600
  run pod exec -u 1000 -w /tmp -e A=b one sh -c 'id -u; pwd; echo $A; exit 3'
  [ "$status" = 3 ]
  [ "$(xargs <<<"$output")" = "1000 /tmp b" ]
  run pod exec one nosuch
  [ "$status" = 127 ]
  pod kill one
  pod rm -f one
  prun -d --name two box sleep 600
  pod rm -f -t 0 two
}

@test "podman run -t, --tmpfs with copy-up, --privileged" {
  run prun --rm -t box tty
  [[ $output == /dev/pts/0* ]]
  run prun --rm --tmpfs /home:rw box ls -d /home
  [ "$status" = 0 ]
  run prun --rm --tmpfs /etc:rw box cat /etc/group
  [[ $output == *extra:x:2000:user* ]]
  run prun --rm --privileged box sh -c 'grep CapEff /proc/self/status; ls /dev/null'
  [ "$status" = 0 ]
}
